#include "trust/root_files.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "formats/json_fields.h"

namespace touchstone::trust {
namespace {

using formats::Fields;
using formats::Json;

constexpr std::uint64_t root_version = 1;
constexpr std::string_view kind_keys = "keys";

Error corrupt(const std::string& name, std::string_view why) {
  return Error{Code::trust_corrupt, "root \"" + printable(name) + "\": " + printable(why), ""};
}

std::string key_hash(const crypto::PublicKey& key) {
  return to_hex(crypto::hash(crypto::Hash::sha256, key.der()));
}

Result<std::optional<std::chrono::sys_seconds>> read_time(const Fields& fields,
                                                          std::string_view name) {
  if (!fields.has(name)) return std::optional<std::chrono::sys_seconds>();
  TS_TRY(const std::string text, fields.string(name));
  const auto time = parse_rfc3339(text);
  if (!time) return fields.error(name, "expected a time like 2026-01-31T23:59:59Z");
  return time;
}

Result<TrustedKey> read_key(const Fields& fields, const Store::Files& files) {
  TS_CHECK(fields.only({"file", "owner", "not_before", "not_after", "sha256"}));
  TS_TRY(const std::string file, fields.string("file"));
  TS_TRY(const std::string owner, fields.string_or("owner", ""));
  TS_TRY(const auto not_before, read_time(fields, "not_before"));
  TS_TRY(const auto not_after, read_time(fields, "not_after"));
  TS_TRY(const std::string expected, fields.string("sha256"));
  const auto contents = files.find(file);
  if (contents == files.end()) return fields.error("file", "there is no such file");
  TS_TRY(const auto key, crypto::PublicKey::from_file(contents->second));
  if (key_hash(key) != expected) return fields.error("sha256", "the file holds another key");
  TrustedKey trusted{key, owner, not_before, not_after, file};
  TS_CHECK(check_key(trusted));
  return trusted;
}

Result<std::vector<TrustedKey>> read_keys(const Json& document, const Store::Files& files) {
  TS_TRY(const Fields root, Fields::of(document));
  TS_TRY(const std::uint64_t version, root.unsigned_integer("version"));
  if (version != root_version) return root.error("version", "unknown version");
  TS_TRY(const std::string kind, root.string("kind"));
  if (kind != kind_keys) return root.error("kind", "unknown kind");
  TS_CHECK(root.only({"version", "kind", "keys"}));
  TS_TRY(const auto entries, root.objects_or_empty("keys", limits::max_root_keys));
  if (entries.empty()) return root.error("keys", "there is no key");
  std::vector<TrustedKey> keys;
  for (const Fields& entry : entries) {
    TS_TRY(auto key, read_key(entry, files));
    const bool twice =
        std::ranges::any_of(keys, [&](const TrustedKey& other) { return other.key == key.key; });
    if (twice) return entry.error("sha256", "the key is there twice");
    keys.push_back(std::move(key));
  }
  return keys;
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

// Whether the changes, one after another, lead to exactly these keys.
bool lead_to(const std::vector<Change>& changes, const std::vector<TrustedKey>& keys) {
  std::set<std::string> present;
  for (const Change& change : changes) {
    for (const std::string& fingerprint : change.fingerprints) {
      const bool fits = change.action == "add" ? present.insert(fingerprint).second
                                               : present.erase(fingerprint) == 1;
      if (!fits) return false;
    }
  }
  return present.size() == keys.size() && std::ranges::all_of(keys, [&](const TrustedKey& trusted) {
           return present.contains(trusted.key.fingerprint());
         });
}

}  // namespace

Store::Files write_root(const Root& root) {
  Store::Files files;
  Json::Array keys;
  for (const TrustedKey& trusted : root.keys) {
    const std::string hash = key_hash(trusted.key);
    Json key;
    key.set("file", Json(hash + ".pem"));
    key.set("owner", Json(trusted.owner));
    if (trusted.not_before) key.set("not_before", Json(to_rfc3339(*trusted.not_before)));
    if (trusted.not_after) key.set("not_after", Json(to_rfc3339(*trusted.not_after)));
    key.set("sha256", Json(hash));
    keys.push_back(std::move(key));
    files.emplace(hash + ".pem", to_bytes(trusted.key.pem()));
  }
  Json document;
  document.set("version", Json(root_version));
  document.set("kind", Json(kind_keys));
  document.set("keys", Json(std::move(keys)));
  files.emplace(root_file, to_bytes(formats::to_text(document) + "\n"));
  return files;
}

Result<Root> read_root(const std::string& name, const Store::Files& files) {
  const auto contents = files.find(root_file);
  if (contents == files.end()) return corrupt(name, "root.json is missing");
  const auto document = formats::parse_json(contents->second, limits::max_trust_file_bytes);
  if (!document) return corrupt(name, "root.json: " + document.error().message);
  auto keys = read_keys(*document, files);
  if (!keys) return corrupt(name, "root.json: " + keys.error().message);
  const auto key_files =
      std::ranges::count_if(files, [](const auto& entry) { return entry.first.ends_with(".pem"); });
  if (static_cast<std::size_t>(key_files) != keys->size()) {
    return corrupt(name, "there is a key file that root.json does not name");
  }
  return Root{name, *std::move(keys)};
}

Status check_key(const TrustedKey& key) {
  if (key.owner.size() > limits::max_owner_bytes || !is_printable(key.owner)) {
    return Error{Code::usage_arguments, "a key's owner is too long or cannot be shown", ""};
  }
  if (key.not_before && key.not_after && *key.not_after < *key.not_before) {
    return Error{Code::usage_arguments, "a key's validity ends before it begins", ""};
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
  if (!lead_to(changes, root.keys)) {
    return corrupt(name, "changes.jsonl does not lead to the keys of root.json");
  }
  return changes;
}

}  // namespace touchstone::trust
