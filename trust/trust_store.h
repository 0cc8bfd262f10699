// The trust-root store: a folder with one sub-folder for each named root, readable with ls and cat.
//
//   NAME/root.json       what the root is: its kind, and each entry's owner, times and checksum
//   NAME/*.pem           one public key, or one authority's certificate, each
//   NAME/*.trusted_root.json  one sigstore instance's trusted root each, as it was given
//   NAME/changes.jsonl   one line for each change: when, what, by which user, which entries
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
#include "crypto/certificate.h"
#include "crypto/public_key.h"
#include "formats/trusted_root.h"

namespace touchstone::trust {

// A key that may sign, with what is said of it.
struct TrustedKey {
  crypto::PublicKey key;
  std::string owner;                                   // for people; may be empty
  std::optional<std::chrono::sys_seconds> not_before;  // closed interval, UTC
  std::optional<std::chrono::sys_seconds> not_after;
  std::string file;  // its file's name inside the root's folder
  // What its device attests of it, as crypto/key_attestation.h has it; empty for none. Believed for
  // what it proves alone.
  std::vector<crypto::Certificate> attestation = {};
};

// An authority under whose certificates one may sign, with what is said of it.
struct TrustedCertificate {
  crypto::Certificate certificate;
  std::string owner;  // these four as in TrustedKey
  std::optional<std::chrono::sys_seconds> not_before;
  std::optional<std::chrono::sys_seconds> not_after;
  std::string file;
};

// An authority above the attestations of key devices, with what is said of it.
struct TrustedHardware : TrustedCertificate {};

// The trusted root of a sigstore instance: whose certificates, logs and timestamps count. Its parts
// have their times in it.
struct TrustedInstanceRoot {
  std::shared_ptr<const formats::TrustedRoot> root;
  Bytes contents;     // the file, byte for byte
  std::string owner;  // these four as in TrustedKey; no times are given
  std::optional<std::chrono::sys_seconds> not_before;
  std::optional<std::chrono::sys_seconds> not_after;
  std::string file;

  // The file's contents. Errors: trust.malformed, limit.*.
  static Result<TrustedInstanceRoot> parse(ByteView contents);
};

// "sha256:HEX" of what identifies an entry: a key's SubjectPublicKeyInfo, the whole certificate,
// the file of a trusted root.
std::string fingerprint(const TrustedKey& entry);
std::string fingerprint(const TrustedCertificate& entry);
std::string fingerprint(const TrustedInstanceRoot& entry);

// A root is of one kind: one of the lists holds each entry once, and at least one, and the others
// are empty.
struct Root {
  std::string name;
  std::vector<TrustedKey> keys;                       // kind `keys`
  std::vector<TrustedCertificate> certificates = {};  // kind `certificates`
  std::vector<TrustedInstanceRoot> instances = {};    // kind `sigstore`
  std::vector<TrustedHardware> hardware = {};         // kind `hardware`

  std::vector<std::string> fingerprints() const;
};

// One entry of a root's record.
struct Change {
  std::chrono::sys_seconds time;
  std::string action;      // "add" and "import" brought entries, "remove-key", "remove-ca",
                           // "remove-trusted-root", "remove-hardware-ca", "replace" and "remove"
                           // took them
  std::uint64_t user = 0;  // of the process that made it
  std::vector<std::string> fingerprints;  // of the entries that came or went
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
  // Errors: policy.root-exists (a key is in it already, or given twice), policy.root-kind,
  // usage.arguments (no key, an owner that is too long or not printable, a validity that ends
  // before it begins), hardware.other-key (an attestation of another key).
  Status add(const std::string& name, const std::vector<TrustedKey>& keys);

  // The same with authorities. Errors also: policy.authority (crypto::check_authority() refuses
  // it for code signing, or it has ended).
  Status add(const std::string& name, const std::vector<TrustedCertificate>& certificates);

  // The same with trusted roots.
  Status add(const std::string& name, const std::vector<TrustedInstanceRoot>& instances);

  // The same with authorities above attestations. Errors also: policy.hardware-authority.
  Status add(const std::string& name, const std::vector<TrustedHardware>& authorities);

  // Makes `root` as it is given; one of that name goes into the history when `replace` allows it.
  // Errors: as add(); policy.root-exists.
  enum class Existing : std::uint8_t { refuse, replace };
  Status import(const Root& root, Existing existing);

  // Moves the root into the history, whatever state it is in.
  // Errors: policy.unknown-root.
  Status remove(const std::string& name);

  // Takes one entry out, by its fingerprint. With its last entry a root is removed.
  // Errors: policy.unknown-root.
  Status remove_entry(const std::string& name, const std::string& fingerprint);

  // What was done to the root of that name, earlier ones that were removed included, the oldest
  // first.
  Result<std::vector<Change>> changes(const std::string& name);

 private:
  Result<std::unique_ptr<Store::Lock>> begin();
  Status add(const Root& more);
  Status check_new(const Root& root) const;
  Status check_room();
  Status clear(const std::string& folder, const std::string& name);
  Status publish(const Root& root, const std::string& record, bool replace);
  Status archive(const std::string& from, const std::string& action, const std::string& name,
                 bool durable);

  Store& store_;
  const Clock& clock_;
};

}  // namespace touchstone::trust
