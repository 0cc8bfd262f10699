#include "trust/trust_store.h"

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "trust/root_files.h"

namespace touchstone::trust {
namespace {

constexpr std::string_view history = ".history";
constexpr std::string_view prepared = ".new-";
constexpr std::size_t max_name_bytes = 64;
constexpr std::size_t sequence_digits = 6;
constexpr std::size_t compact_time_digits = 16;  // 20260131T235959Z

constexpr std::string_view alphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789";

std::string quoted(std::string_view name) { return "\"" + printable(name) + "\""; }

Error unknown_root(std::string_view name) {
  return Error{Code::policy_unknown_root, "there is no root " + quoted(name), ""};
}

bool is_well_formed(std::string_view name) {
  return !name.empty() && name.size() <= max_name_bytes && alphanumeric.contains(name.front()) &&
         std::ranges::all_of(name, [](char c) {
           return alphanumeric.contains(c) || c == '.' || c == '_' || c == '-';
         });
}

// The number that an entry of .history begins with; 0 when it does not.
std::uint64_t sequence_of(std::string_view entry) {
  std::uint64_t number = 0;
  const auto end = std::from_chars(entry.data(), entry.data() + entry.size(), number);
  return end.ec == std::errc() ? number : 0;
}

// An entry "<sequence>-remove-NAME-<UTC>-uid<user>", taken apart.
struct Removal {
  std::string name;
  Change change;
};

std::optional<Removal> parse_removal(std::string_view entry) {
  const std::size_t dash = entry.find('-');
  constexpr std::string_view action = "-remove-";
  if (dash == std::string_view::npos || !entry.substr(dash).starts_with(action)) {
    return std::nullopt;
  }
  std::string_view rest = entry.substr(dash + action.size());
  const std::size_t user_at = rest.rfind("-uid");
  if (user_at == std::string_view::npos || user_at < compact_time_digits + 2) return std::nullopt;
  const std::string_view user = rest.substr(user_at + 4);
  const std::string t(rest.substr(user_at - compact_time_digits, compact_time_digits));
  const auto time = parse_rfc3339(t.substr(0, 4) + "-" + t.substr(4, 2) + "-" + t.substr(6, 5) +
                                  ":" + t.substr(11, 2) + ":" + t.substr(13));
  if (!time) return std::nullopt;
  Removal removal{std::string(rest.substr(0, user_at - compact_time_digits - 1)),
                  {*time, "remove", 0, {}}};
  std::from_chars(user.data(), user.data() + user.size(), removal.change.user);
  return removal;
}

// Whether the record of `later` is that of `earlier` and more.
bool continues(const Store::Files& later, const Store::Files& earlier) {
  const auto now = later.find(changes_file);
  const auto before = earlier.find(changes_file);
  if (now == later.end() || before == earlier.end() || before->second.empty()) return false;
  const std::string_view text = as_text(now->second);
  const std::string_view start = as_text(before->second);
  return text.size() > start.size() && text.starts_with(start);
}

std::string padded(std::uint64_t sequence) {
  const std::string digits = std::to_string(sequence);
  return std::string(sequence_digits - std::min(sequence_digits, digits.size()), '0') + digits;
}

}  // namespace

Status check_root_name(std::string_view name) {
  if (!is_well_formed(name)) {
    return Error{Code::policy_root_name, quoted(name) + " is no name for a root", ""};
  }
  if (name == "sigstore" || name == "yubico") {
    return Error{Code::policy_root_name, quoted(name) + " is kept for a built-in root",
                 "take another name"};
  }
  return ok();
}

Result<Root> TrustStore::load(const std::string& name) {
  TS_CHECK(check_root_name(name));
  // A second try: a writer may remove what was replaced while it is being read.
  for (bool again = true;; again = false) {
    const auto files = store_.read_folder(name);
    if (files && !*files) return unknown_root(name);
    auto root = files ? read_root(name, **files) : Result<Root>(files.error());
    if (root || !again) return root;
  }
}

Result<std::vector<std::string>> TrustStore::list() {
  TS_TRY(const auto entries, store_.list("."));
  std::vector<std::string> names;
  if (!entries) return names;
  for (const std::string& entry : *entries) {
    if (entry.starts_with('.')) continue;
    if (!check_root_name(entry)) {
      return Error{Code::trust_corrupt, "trust store: " + quoted(entry) + " is no root",
                   "move it elsewhere"};
    }
    names.push_back(entry);
  }
  if (names.size() > limits::max_roots) {
    return Error{Code::limit_count,
                 "trust store: more than " + std::to_string(limits::max_roots) + " roots", ""};
  }
  return names;
}

// The lock, and a store without what an earlier writer left behind.
Result<std::unique_ptr<Store::Lock>> TrustStore::begin() {
  TS_TRY(auto lock, store_.lock());
  TS_TRY(const auto entries, store_.list("."));
  for (const std::string& entry : entries.value_or(std::vector<std::string>())) {
    if (entry.starts_with(prepared)) TS_CHECK(clear(entry, entry.substr(prepared.size())));
  }
  return lock;
}

// What a writer that died left under the name for prepared versions: the version before the present
// one, replaced but not yet moved away, or one that was never visible. Only the former has a record
// that the present one continues.
Status TrustStore::clear(const std::string& folder, const std::string& name) {
  const auto left = store_.read_folder(folder);
  const auto present = store_.read_folder(name);
  // A version that was not finished does not read, however much of its record was written.
  if (left && *left && present && *present && read_changes(name, **left) &&
      continues(**present, **left)) {
    return archive(folder, "replace", name, true);
  }
  return store_.remove_tree(folder);
}

// Moves a folder into .history. When `durable`, what was moved comes back if the move cannot be
// made to last.
Status TrustStore::archive(const std::string& from, const std::string& action,
                           const std::string& name, bool durable) {
  TS_TRY(auto entries, store_.list(std::string(history)));
  if (!entries) {
    TS_CHECK(store_.create_folder(std::string(history)));
    TS_CHECK(store_.sync_folder("."));
    entries.emplace();
  }
  std::uint64_t sequence = 1;
  for (const std::string& entry : *entries) sequence = std::max(sequence, sequence_of(entry) + 1);
  const std::string target = std::string(history) + "/" + padded(sequence) + "-" + action + "-" +
                             name + "-" + to_compact_utc(clock_.now()) + "-uid" +
                             std::to_string(store_.user());
  TS_CHECK(store_.rename_new(from, target));
  auto synced = store_.sync_folder(std::string(history));
  if (synced) synced = store_.sync_folder(".");
  if (synced || !durable) return synced;
  TS_CHECK(store_.rename_new(target, from));
  return synced;
}

// Prepares the root's folder whole, then makes it visible by one rename, which is taken back when
// it cannot be made to last.
Status TrustStore::publish(const Root& root, const std::string& record, bool replace) {
  const std::string folder = std::string(prepared) + root.name;
  Store::Files files = write_root(root);
  files.emplace(changes_file, to_bytes(record));
  TS_CHECK(store_.create_folder(folder));
  for (const auto& [name, contents] : files) {
    if (contents.size() > limits::max_trust_file_bytes) {
      return Error{Code::limit_size, "root " + quoted(root.name) + ": " + name + " is too large",
                   "remove the root and add it again"};
    }
    TS_CHECK(store_.write_new(folder + "/" + name, contents));
  }
  TS_CHECK(store_.sync_folder(folder));
  const auto swap = [&](const std::string& from, const std::string& to) {
    return replace ? store_.exchange(from, to) : store_.rename_new(from, to);
  };
  TS_CHECK(swap(folder, root.name));
  if (const auto synced = store_.sync_folder("."); !synced) {
    TS_CHECK(swap(root.name, folder));
    return synced;
  }
  return ok();
}

Status TrustStore::add(const std::string& name, const std::vector<TrustedKey>& keys) {
  return add(Root{name, keys});
}

Status TrustStore::add(const std::string& name,
                       const std::vector<TrustedCertificate>& certificates) {
  return add(Root{name, {}, certificates});
}

Status TrustStore::add(const std::string& name, const std::vector<TrustedInstanceRoot>& instances) {
  return add(Root{name, {}, {}, instances});
}

Status TrustStore::add(const std::string& name, const std::vector<TrustedHardware>& authorities) {
  return add(Root{name, {}, {}, {}, authorities});
}

// Whether it may come into the store at all, and now.
Status TrustStore::check_new(const Root& root) const {
  TS_CHECK(check_root_name(root.name));
  TS_CHECK(check_root(root));
  for (const TrustedCertificate& trusted : root.certificates) {
    if (clock_.now() > trusted.certificate.not_after()) {
      return Error{Code::policy_authority,
                   "the authority " + quoted(trusted.certificate.subject()) + " ended at " +
                       to_rfc3339(trusted.certificate.not_after()),
                   "take one that is valid"};
    }
  }
  return ok();
}

Status TrustStore::check_room() {
  TS_TRY(const auto roots, list());
  if (roots.size() >= limits::max_roots) {
    return Error{Code::limit_count, "trust store: it is full of roots", ""};
  }
  return ok();
}

Status TrustStore::add(const Root& more) {
  TS_CHECK(check_new(more));
  TS_TRY(const auto lock, begin());
  Root root{more.name, {}};
  std::string record;
  TS_TRY(const auto files, store_.read_folder(more.name));
  if (files) {
    TS_TRY(root, read_root(more.name, *files));
    TS_CHECK(read_changes(more.name, *files));
    record = as_text(files->at(changes_file));
  } else {
    TS_CHECK(check_room());
  }
  root.keys.insert(root.keys.end(), more.keys.begin(), more.keys.end());
  root.certificates.insert(root.certificates.end(), more.certificates.begin(),
                           more.certificates.end());
  root.instances.insert(root.instances.end(), more.instances.begin(), more.instances.end());
  root.hardware.insert(root.hardware.end(), more.hardware.begin(), more.hardware.end());
  TS_CHECK(check_root(root));
  record += write_change({clock_.now(), "add", store_.user(), more.fingerprints()});
  TS_CHECK(publish(root, record, files.has_value()));
  if (!files) return ok();
  // The change is made: a replaced version that cannot be kept is left to the next writer.
  static_cast<void>(archive(std::string(prepared) + more.name, "replace", more.name, false));
  return ok();
}

Status TrustStore::import(const Root& root, Existing existing) {
  TS_CHECK(check_new(root));
  TS_TRY(const auto lock, begin());
  TS_TRY(const auto files, store_.read_folder(root.name));
  std::string record;
  if (files) {
    if (existing == Existing::refuse) {
      return Error{Code::policy_root_exists, "there is a root " + quoted(root.name), ""};
    }
    TS_TRY(const Root before, read_root(root.name, *files));
    TS_CHECK(read_changes(root.name, *files));
    record = as_text(files->at(changes_file));
    record += write_change({clock_.now(), "replace", store_.user(), before.fingerprints()});
  } else {
    TS_CHECK(check_room());
  }
  record += write_change({clock_.now(), "import", store_.user(), root.fingerprints()});
  TS_CHECK(publish(root, record, files.has_value()));
  if (!files) return ok();
  static_cast<void>(archive(std::string(prepared) + root.name, "replace", root.name, false));
  return ok();
}

Status TrustStore::remove(const std::string& name) {
  TS_CHECK(check_root_name(name));
  // A store that is not there is not made for this.
  TS_TRY(const auto before, store_.list("."));
  if (!before) return unknown_root(name);
  TS_TRY(const auto lock, begin());
  TS_TRY(const auto entries, store_.list("."));
  if (!entries || !std::ranges::count(*entries, name)) return unknown_root(name);
  return archive(name, "remove", name, true);
}

Status TrustStore::remove_entry(const std::string& name, const std::string& fingerprint) {
  TS_CHECK(load(name));
  TS_TRY(const auto lock, begin());
  TS_TRY(const auto files, store_.read_folder(name));
  if (!files) return unknown_root(name);
  TS_TRY(Root root, read_root(name, *files));
  TS_CHECK(read_changes(name, *files));
  const auto is_meant = [&](const auto& entry) { return trust::fingerprint(entry) == fingerprint; };
  const auto gone_keys = std::erase_if(root.keys, is_meant);
  const auto gone_certificates = std::erase_if(root.certificates, is_meant);
  const auto gone_instances = std::erase_if(root.instances, is_meant);
  const auto gone_hardware = std::erase_if(root.hardware, is_meant);
  if (gone_keys + gone_certificates + gone_instances + gone_hardware == 0) {
    return Error{Code::policy_unknown_root,
                 "root " + quoted(name) + " has no entry " + quoted(fingerprint),
                 "see `touchstone trust show NAME`"};
  }
  if (root.fingerprints().empty()) return archive(name, "remove", name, true);
  std::string record(as_text(files->at(changes_file)));
  const char* action = gone_keys > 0           ? "remove-key"
                       : gone_certificates > 0 ? "remove-ca"
                       : gone_hardware > 0     ? "remove-hardware-ca"
                                               : "remove-trusted-root";
  record += write_change({clock_.now(), action, store_.user(), {fingerprint}});
  TS_CHECK(publish(root, record, true));
  static_cast<void>(archive(std::string(prepared) + name, "replace", name, false));
  return ok();
}

Result<std::vector<Change>> TrustStore::changes(const std::string& name) {
  TS_CHECK(check_root_name(name));
  std::vector<Change> all;
  const auto append = [&](const Store::Files& files) -> Status {
    TS_TRY(const auto changes, read_changes(name, files));
    all.insert(all.end(), changes.begin(), changes.end());
    return ok();
  };
  TS_TRY(const auto entries, store_.list(std::string(history)));
  for (const std::string& entry : entries.value_or(std::vector<std::string>())) {
    auto removal = parse_removal(entry);
    if (!removal || removal->name != name) continue;
    // A damaged root may be removed: then its removal is all that is known of it.
    if (const auto files = store_.read_folder(std::string(history) + "/" + entry);
        files && *files) {
      static_cast<void>(append(**files));
      if (const auto root = read_root(name, **files)) {
        removal->change.fingerprints = root->fingerprints();
      }
    }
    all.push_back(removal->change);
  }
  TS_TRY(const auto files, store_.read_folder(name));
  if (files) TS_CHECK(append(*files));
  return all;
}

}  // namespace touchstone::trust
