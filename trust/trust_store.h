// The trust-root store: a folder with one sub-folder for each named root, readable with ls and cat.
//
//   NAME/root.json       what the root is: its kind, and each key's owner, times and checksum
//   NAME/*.pem           one public key each
//   NAME/changes.jsonl   one line for each change: when, what, by which user, which keys
//   .history/            replaced versions, and removed roots as N-remove-NAME-TIME-uidN
//   .new-NAME/           a version that is being written; not yet believed
//   .lock                locked by the one process that writes
//
// A change becomes visible by one rename, together with its record. Readers take no lock and see
// the root before the change or after it. Damage is an error, never an empty root; a store that
// is not there is empty.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/store.h"
#include "crypto/public_key.h"

namespace touchstone::trust {

// A key that may sign, with what is said of it.
struct TrustedKey {
  crypto::PublicKey key;
  std::string owner;                                   // for people; may be empty
  std::optional<std::chrono::sys_seconds> not_before;  // closed interval, UTC
  std::optional<std::chrono::sys_seconds> not_after;
  std::string file;  // its file's name inside the root's folder
};

struct Root {
  std::string name;
  std::vector<TrustedKey> keys;  // kind `keys`: each public key once, and at least one
};

// One entry of a root's record.
struct Change {
  std::chrono::sys_seconds time;
  std::string action;                     // "add", "remove-key" or "remove"
  std::uint64_t user = 0;                 // of the process that made it
  std::vector<std::string> fingerprints;  // of the keys that came or went
};

// Whether `name` may name a root: 1 to 64 of [a-z0-9._-], the first a letter or digit, and not
// "sigstore" or "yubico", which are for roots that come with the program.
// Errors: policy.root-name.
Status check_root_name(std::string_view name);

// Every function may also fail with policy.root-name, policy.unsafe-file, trust.read, trust.corrupt
// and limit.*; those that change something with trust.locked, and with trust.write, after which
// the store is as it was.
class TrustStore {
 public:
  TrustStore(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  // Errors: policy.unknown-root.
  Result<Root> load(const std::string& name);

  // The names of the roots.
  Result<std::vector<std::string>> list();

  // Adds keys to a root, which is made when there is none. Their `file` is not looked at.
  // Errors: policy.root-exists (a key is in it already, or given twice), usage.arguments (no key,
  // an owner that is too long or not printable, a validity that ends before it begins).
  Status add(const std::string& name, const std::vector<TrustedKey>& keys);

  // Moves the root into the history, whatever state it is in.
  // Errors: policy.unknown-root.
  Status remove(const std::string& name);

  // Takes one key out; `fingerprint` is "sha256:HEX" of its SubjectPublicKeyInfo. With its last key
  // a root is removed.
  // Errors: policy.unknown-root.
  Status remove_key(const std::string& name, const std::string& fingerprint);

  // What was done to the root of that name, earlier ones that were removed included, the oldest
  // first.
  Result<std::vector<Change>> changes(const std::string& name);

 private:
  Result<std::unique_ptr<Store::Lock>> begin();
  Status clear(const std::string& folder, const std::string& name);
  Status publish(const Root& root, const std::string& record, bool replace);
  Status archive(const std::string& from, const std::string& action, const std::string& name,
                 bool durable);

  Store& store_;
  const Clock& clock_;
};

}  // namespace touchstone::trust
