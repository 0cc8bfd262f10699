#include "policy/open.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "base/files.h"
#include "base/limits.h"
#include "base/paths.h"
#include "base/text.h"
#include "base/time.h"
#include "formats/dsse.h"
#include "formats/json_fields.h"

namespace touchstone::policy {
namespace {

bool has_signed(const formats::DsseEnvelope& envelope, const crypto::PublicKey& key) {
  const Bytes message =
      formats::pre_authentication_encoding(envelope.payload_type, envelope.payload);
  for (const formats::DsseSignature& each : envelope.signatures) {
    const auto verifies = [&](Scheme scheme) {
      return key.verify(scheme, message, each.signature);
    };
    if (std::ranges::any_of(key.verification_schemes(), verifies)) return true;
  }
  return false;
}

Result<Bytes> verified_text(ByteView contents, const std::string& source,
                            std::span<const crypto::PublicKey> keys) {
  const auto refuse = [&](const std::string& why) {
    return Error{Code::policy_signature, printable(source) + ": " + why, ""};
  };
  if (keys.empty()) return refuse("it is signed, and nobody said whose signature counts");
  if (contents.size() > max_file_bytes)
    return Error{Code::limit_size, printable(source) + ": too long", ""};
  auto envelope = formats::DsseEnvelope::parse(contents);
  if (!envelope) return refuse("the envelope is malformed: " + envelope.error().message);
  const auto signer = [&](const crypto::PublicKey& key) { return has_signed(*envelope, key); };
  if (std::ranges::none_of(keys, signer)) return refuse("none of the keys has signed it");
  if (envelope->payload_type != payload_type) {
    return refuse("what is signed is no policy but \"" + printable(envelope->payload_type) + "\"");
  }
  return std::move(envelope->payload);
}

Status check_expiry(const Document& document, std::chrono::sys_seconds now) {
  if (!document.expires || now < *document.expires) return ok();
  return Error{Code::policy_expired,
               printable(document.source) + ": it expired at " + to_rfc3339(*document.expires), ""};
}

using Numbers = std::map<std::string, std::uint64_t>;

Result<Numbers> read_numbers(const std::string& path) {
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) return Numbers();
  TS_TRY(const Bytes contents, read_trusted_file(path, limits::max_trust_file_bytes));
  const auto refuse = [&](const std::string& why) {
    return Error{Code::usage_file, printable(path) + ": " + why,
                 "restore it, or remove it to begin anew"};
  };
  const auto json = formats::parse_json(contents, limits::max_trust_file_bytes);
  if (!json) return refuse(json.error().message);
  if (json->object() == nullptr) return refuse("no record of serial numbers");
  Numbers numbers;
  for (const auto& [name, number] : *json->object()) {
    if (number.unsigned_integer() == nullptr) return refuse("no record of serial numbers");
    numbers[name] = *number.unsigned_integer();
  }
  return numbers;
}

Status write_numbers(const std::string& path, const Numbers& numbers) {
  formats::Json::Object members;
  for (const auto& [name, number] : numbers) members.emplace_back(name, formats::Json(number));
  const std::string text = formats::to_text(formats::Json(std::move(members))) + "\n";
  return replace_file(path, as_bytes(text), 0644);
}

}  // namespace

Status SerialFile::accept(const std::string& name, std::uint64_t serial) {
  TS_TRY(const Numbers before, read_numbers(path_));
  if (const auto last = before.find(name); last != before.end() && last->second == serial)
    return ok();
  TS_CHECK(make_folders_for(path_, 0755));
  const std::string lock_path = path_ + ".lock";
  const Descriptor lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock || flock(lock.get(), LOCK_EX) != 0) {
    return Error{Code::usage_file, printable(lock_path) + ": " + system_message(errno), ""};
  }
  TS_TRY(Numbers numbers, read_numbers(path_));
  const auto last = numbers.find(name);
  if (last != numbers.end() && serial < last->second) {
    return Error{Code::policy_older,
                 "the policy \"" + printable(name) + "\" has serial number " +
                     std::to_string(serial) + ", and " + std::to_string(last->second) +
                     " was in force before",
                 ""};
  }
  if (last != numbers.end() && serial == last->second) return ok();
  numbers[name] = serial;
  return write_numbers(path_, numbers);
}

bool is_signed(ByteView contents) {
  const std::string_view text = as_text(contents);
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos || text[begin] != '{') return false;
  const auto json = formats::parse_json(contents, max_file_bytes);
  return json && json->find("payloadType") != nullptr;
}

Result<Document> open(ByteView contents, const std::string& source, const Materials& materials,
                      std::chrono::sys_seconds now, const OpenOptions& options) {
  Bytes text(contents.begin(), contents.end());
  const bool envelope = is_signed(contents);
  if (envelope) {
    TS_TRY(text, verified_text(contents, source, options.keys));
  } else if (!options.keys.empty()) {
    return Error{Code::policy_signature, printable(source) + ": it is not signed", ""};
  }
  TS_TRY(Document document, read(text, source, materials, now));
  TS_CHECK(check_expiry(document, now));
  if (envelope && options.serials != nullptr) {
    TS_CHECK(options.serials->accept(document.name, document.serial));
  }
  return document;
}

}  // namespace touchstone::policy
