#include "trust/root_files.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/certificate_chain.h"
#include "crypto/key_attestation.h"
#include "trust/hardware_vendor.h"

namespace touchstone::trust {
namespace {

using formats::Fields;
using formats::Json;

constexpr std::uint64_t root_version = 1;
constexpr const char* attestation_member = "attestation";
constexpr std::string_view prefix_of_prints = "sha256:";
constexpr std::string_view pem_suffix = ".pem";
constexpr std::string_view instance_suffix = ".trusted_root.json";

std::string_view suffix_of(const TrustedKey&) { return pem_suffix; }
std::string_view suffix_of(const TrustedCertificate&) { return pem_suffix; }
std::string_view suffix_of(const TrustedInstanceRoot&) { return instance_suffix; }

Error corrupt(const std::string& name, std::string_view why) {
  return Error{Code::trust_corrupt, "root \"" + printable(name) + "\": " + printable(why), ""};
}

template <class Entry>
std::string hash_of(const Entry& entry) {
  return fingerprint(entry).substr(prefix_of_prints.size());
}

Result<std::optional<std::chrono::sys_seconds>> read_time(const Fields& fields,
                                                          std::string_view name) {
  if (!fields.has(name)) return std::optional<std::chrono::sys_seconds>();
  TS_TRY(const std::string text, fields.string(name));
  const auto time = parse_rfc3339(text);
  if (!time) return fields.error(name, "expected a time like 2026-01-31T23:59:59Z");
  return time;
}

// What stands beside the key or certificate itself.
template <class Entry>
Result<Entry> read_rest(const Fields& fields, Entry entry) {
  TS_TRY(entry.owner, fields.string_or("owner", ""));
  TS_TRY(entry.not_before, read_time(fields, "not_before"));
  TS_TRY(entry.not_after, read_time(fields, "not_after"));
  TS_TRY(const std::string expected, fields.string("sha256"));
  if (hash_of(entry) != expected) return fields.error("sha256", "it is that of something else");
  return entry;
}

// The entries of root.json, each read by `read_one` with the bytes of its file.
template <class Entry>
Result<std::vector<Entry>> read_entries(const Fields& root, std::string_view list,
                                        const Store::Files& files,
                                        Result<Entry> (*read_one)(const Fields&, ByteView)) {
  TS_CHECK(root.only({"version", "kind", list}));
  TS_TRY(const auto entries, root.objects_or_empty(list, limits::max_root_keys));
  std::vector<Entry> all;
  for (const Fields& fields : entries) {
    TS_CHECK(list == kind_keys
                 ? fields.only(
                       {"file", "owner", "not_before", "not_after", "sha256", attestation_member})
                 : fields.only({"file", "owner", "not_before", "not_after", "sha256"}));
    TS_TRY(const std::string file, fields.string("file"));
    const auto contents = files.find(file);
    if (contents == files.end()) return fields.error("file", "there is no such file");
    TS_TRY(Entry entry, read_one(fields, contents->second));
    entry.file = file;
    all.push_back(std::move(entry));
  }
  return all;
}

Result<Root> read_document(const std::string& name, const Json& document,
                           const Store::Files& files) {
  TS_TRY(const Fields fields, Fields::of(document));
  TS_TRY(const std::uint64_t version, fields.unsigned_integer("version"));
  if (version < root_version) return fields.error("version", "unknown version");
  if (version > root_version) {
    return Error{Code::policy_newer_store,
                 "root \"" + printable(name) + "\" is of version " + std::to_string(version) +
                     " of the store; this program reads version " + std::to_string(root_version),
                 ""};
  }
  TS_TRY(const std::string kind, fields.string("kind"));
  Root root{name, {}};
  if (kind == kind_keys) {
    TS_TRY(root.keys, read_entries<TrustedKey>(fields, "keys", files, read_key));
  } else if (kind == kind_certificates) {
    TS_TRY(root.certificates,
           read_entries<TrustedCertificate>(fields, "certificates", files, read_certificate));
  } else if (kind == kind_sigstore) {
    TS_TRY(root.instances,
           read_entries<TrustedInstanceRoot>(fields, kind_sigstore, files, read_instance));
  } else if (kind == kind_hardware) {
    TS_TRY(root.hardware,
           read_entries<TrustedHardware>(fields, kind_hardware, files, read_hardware));
  } else {
    return fields.error("kind", "unknown kind");
  }
  TS_CHECK(check_root(root));
  return root;
}

template <class Entry>
Status check_entry(const Entry& entry) {
  if (entry.owner.size() > limits::max_owner_bytes || !is_printable(entry.owner)) {
    return Error{Code::usage_arguments, "an owner is too long or cannot be shown", ""};
  }
  if (entry.not_before && entry.not_after && *entry.not_after < *entry.not_before) {
    return Error{Code::usage_arguments, "a validity ends before it begins", ""};
  }
  return ok();
}

Status check_attestation(const TrustedKey& entry) {
  if (entry.attestation.empty() || entry.attestation.front().key() == entry.key) return ok();
  return Error{Code::hardware_other_key,
               "the attestation is of the key " + entry.attestation.front().key().fingerprint() +
                   ", not of " + entry.key.fingerprint(),
               ""};
}

template <class Entry>
Json list_of(const std::vector<Entry>& entries, Store::Files& files) {
  Json::Array list;
  for (const Entry& entry : entries) {
    const std::string file = hash_of(entry) + std::string(suffix_of(entry));
    Json json;
    json.set("file", Json(file));
    const Json rest = entry_json(entry);
    for (const auto& [member, value] : *rest.object()) json.set(member, value);
    list.push_back(std::move(json));
    files.emplace(file, to_bytes(text_of(entry)));
  }
  return Json(std::move(list));
}

template <class Entry>
Json json_of(const Entry& entry) {
  Json json;
  json.set("owner", Json(entry.owner));
  if (entry.not_before) json.set("not_before", Json(to_rfc3339(*entry.not_before)));
  if (entry.not_after) json.set("not_after", Json(to_rfc3339(*entry.not_after)));
  json.set("sha256", Json(hash_of(entry)));
  return json;
}

Result<Change> read_change(std::string_view line) {
  TS_TRY(const Json document, formats::parse_json(as_bytes(line), limits::max_trust_file_bytes));
  TS_TRY(const Fields fields, Fields::of(document));
  TS_TRY(const auto time, read_time(fields, "time"));
  if (!time) return fields.error("time", "missing");
  Change change{*time, "", 0, {}};
  TS_TRY(change.action, fields.string("action"));
  TS_TRY(change.user, fields.unsigned_integer("uid"));
  TS_TRY(const Json::Array* fingerprints, fields.array("fingerprints"));
  for (const Json& fingerprint : *fingerprints) {
    if (fingerprint.string() == nullptr) return fields.error("fingerprints", "expected strings");
    change.fingerprints.push_back(*fingerprint.string());
  }
  return change;
}

bool brings(const Change& change) { return change.action == "add" || change.action == "import"; }

// Whether the changes, one after another, lead to exactly these entries.
bool lead_to(const std::vector<Change>& changes, const std::vector<std::string>& entries) {
  std::set<std::string> present;
  for (const Change& change : changes) {
    for (const std::string& print : change.fingerprints) {
      const bool fits = brings(change) ? present.insert(print).second : present.erase(print) == 1;
      if (!fits) return false;
    }
  }
  return present == std::set<std::string>(entries.begin(), entries.end());
}

}  // namespace

std::string fingerprint(const TrustedKey& entry) { return entry.key.fingerprint(); }
std::string fingerprint(const TrustedCertificate& entry) { return entry.certificate.fingerprint(); }
std::string fingerprint(const TrustedInstanceRoot& entry) {
  return crypto::digest_of(entry.contents).to_string();
}

Result<TrustedInstanceRoot> TrustedInstanceRoot::parse(ByteView contents) {
  TS_TRY(auto root, formats::TrustedRoot::parse(contents));
  return TrustedInstanceRoot{std::make_shared<const formats::TrustedRoot>(std::move(root)),
                             Bytes(contents.begin(), contents.end()),
                             "",
                             {},
                             {},
                             ""};
}

std::vector<std::string> Root::fingerprints() const {
  std::vector<std::string> list;
  for (const TrustedKey& entry : keys) list.push_back(fingerprint(entry));
  for (const TrustedCertificate& entry : certificates) list.push_back(fingerprint(entry));
  for (const TrustedInstanceRoot& entry : instances) list.push_back(fingerprint(entry));
  for (const TrustedHardware& entry : hardware) list.push_back(fingerprint(entry));
  return list;
}

std::string_view kind_of(const Root& root) {
  if (!root.instances.empty()) return kind_sigstore;
  if (!root.hardware.empty()) return kind_hardware;
  return root.certificates.empty() ? kind_keys : kind_certificates;
}

std::string text_of(const TrustedKey& entry) { return entry.key.pem(); }
std::string text_of(const TrustedCertificate& entry) { return entry.certificate.pem(); }
std::string text_of(const TrustedInstanceRoot& entry) {
  return std::string(as_text(entry.contents));
}

Json entry_json(const TrustedKey& entry) {
  Json json = json_of(entry);
  if (!entry.attestation.empty()) {
    json.set(attestation_member, Json(crypto::attestation_pem(entry.attestation)));
  }
  return json;
}
Json entry_json(const TrustedCertificate& entry) { return json_of(entry); }
Json entry_json(const TrustedInstanceRoot& entry) { return json_of(entry); }

Result<TrustedKey> read_key(const Fields& fields, ByteView pem) {
  TS_TRY(auto key, crypto::PublicKey::from_file(pem));
  TS_TRY(TrustedKey entry, read_rest(fields, TrustedKey{std::move(key), "", {}, {}, ""}));
  if (!fields.has(attestation_member)) return entry;
  TS_TRY(const std::string text, fields.string(attestation_member));
  auto attestation = crypto::read_attestation_file(as_bytes(text));
  if (!attestation) return fields.error(attestation_member, attestation.error().message);
  entry.attestation = *std::move(attestation);
  return entry;
}

Result<TrustedCertificate> read_certificate(const Fields& fields, ByteView pem) {
  TS_TRY(auto certificates, crypto::Certificate::from_file(pem));
  if (certificates.size() != 1) return fields.error("sha256", "there is more than one certificate");
  return read_rest(fields, TrustedCertificate{std::move(certificates.front()), "", {}, {}, ""});
}

Result<TrustedHardware> read_hardware(const Fields& fields, ByteView pem) {
  TS_TRY(TrustedCertificate entry, read_certificate(fields, pem));
  return TrustedHardware{std::move(entry)};
}

Result<TrustedInstanceRoot> read_instance(const Fields& fields, ByteView json) {
  TS_TRY(TrustedInstanceRoot entry, TrustedInstanceRoot::parse(json));
  return read_rest(fields, std::move(entry));
}

Store::Files write_root(const Root& root) {
  Store::Files files;
  Json document;
  document.set("version", Json(root_version));
  document.set("kind", Json(kind_of(root)));
  document.set(kind_of(root), !root.instances.empty()     ? list_of(root.instances, files)
                              : !root.hardware.empty()    ? list_of(root.hardware, files)
                              : root.certificates.empty() ? list_of(root.keys, files)
                                                          : list_of(root.certificates, files));
  files.emplace(root_file, to_bytes(formats::to_text(document) + "\n"));
  return files;
}

Result<Root> read_root(const std::string& name, const Store::Files& files) {
  const auto contents = files.find(root_file);
  if (contents == files.end()) return corrupt(name, "root.json is missing");
  const auto document = formats::parse_json(contents->second, limits::max_trust_file_bytes);
  if (!document) return corrupt(name, "root.json: " + document.error().message);
  auto root = read_document(name, *document, files);
  if (!root && root.error().code == Code::policy_newer_store) return root;
  if (!root) return corrupt(name, "root.json: " + root.error().message);
  const auto entry_files = std::ranges::count_if(files, [](const auto& entry) {
    return entry.first.ends_with(pem_suffix) || entry.first.ends_with(instance_suffix);
  });
  if (static_cast<std::size_t>(entry_files) != root->fingerprints().size()) {
    return corrupt(name,
                   "there is a file of a key, certificate or trusted root that root.json "
                   "does not name");
  }
  return root;
}

Status check_root(const Root& root) {
  const std::vector<std::string> all = root.fingerprints();
  if (all.empty()) return Error{Code::usage_arguments, "there is no key or certificate", ""};
  const int kinds =
      static_cast<int>(!root.keys.empty()) + static_cast<int>(!root.certificates.empty()) +
      static_cast<int>(!root.instances.empty()) + static_cast<int>(!root.hardware.empty());
  if (kinds > 1) {
    return Error{Code::policy_root_kind,
                 "keys, certificates of either kind and trusted roots do not go into one root", ""};
  }
  if (all.size() > limits::max_root_keys) {
    return Error{Code::limit_count,
                 "a root has at most " + std::to_string(limits::max_root_keys) + " entries", ""};
  }
  std::set<std::string> seen;
  for (const std::string& print : all) {
    if (!seen.insert(print).second) {
      return Error{Code::policy_root_exists,
                   "root \"" + printable(root.name) + "\" would have " + print + " twice", ""};
    }
  }
  for (const TrustedKey& entry : root.keys) {
    TS_CHECK(check_entry(entry));
    TS_CHECK(check_attestation(entry));
  }
  for (const TrustedHardware& entry : root.hardware) {
    TS_CHECK(check_entry(entry));
    TS_CHECK(check_hardware_authority(entry.certificate));
  }
  for (const TrustedInstanceRoot& entry : root.instances) TS_CHECK(check_entry(entry));
  for (const TrustedCertificate& entry : root.certificates) {
    TS_CHECK(check_entry(entry));
    const auto fit = crypto::check_authority(entry.certificate, crypto::Purpose::code_signing);
    if (!fit) return Error{Code::policy_authority, fit.error().message, ""};
  }
  return ok();
}

std::string write_change(const Change& change) {
  Json::Array fingerprints;
  for (const std::string& fingerprint : change.fingerprints) {
    fingerprints.push_back(Json(fingerprint));
  }
  Json record;
  record.set("time", Json(to_rfc3339(change.time)));
  record.set("action", Json(change.action));
  record.set("uid", Json(change.user));
  record.set("fingerprints", Json(std::move(fingerprints)));
  return formats::to_text(record) + "\n";
}

Result<std::vector<Change>> read_changes(const std::string& name, const Store::Files& files) {
  const auto contents = files.find(changes_file);
  if (contents == files.end()) return corrupt(name, "changes.jsonl is missing");
  const std::string_view text = as_text(contents->second);
  if (text.empty() || text.back() != '\n') return corrupt(name, "changes.jsonl is cut off");
  std::vector<Change> changes;
  for (const std::string_view line : split(text.substr(0, text.size() - 1), '\n')) {
    auto change = read_change(line);
    if (!change) return corrupt(name, "changes.jsonl: " + change.error().message);
    changes.push_back(*std::move(change));
  }
  TS_TRY(const Root root, read_root(name, files));
  if (!lead_to(changes, root.fingerprints())) {
    return corrupt(name, "changes.jsonl does not lead to what root.json holds");
  }
  return changes;
}

}  // namespace touchstone::trust
