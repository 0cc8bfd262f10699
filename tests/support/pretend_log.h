// A pretend transparency log, of Rekor v1's or v2's kind: entries in a tree that grows, and what
// the log says of each, with chosen faults.
//
// Spec: RFC 9162 section 2.1 (the tree), C2SP tlog-checkpoint.md and signed-note.md, Rekor's signed
// entry timestamps. Written apart from the product's code, which is what it tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/hash.h"
#include "crypto/private_key.h"
#include "formats/log_entry.h"

namespace touchstone::test {

// What a log is told of a signature, and the bodies that the logs make of it.
struct Logged {
  crypto::Hash hash = crypto::Hash::sha256;
  Bytes digest;     // of what was signed; for envelope_body() and intoto_body() of the payload
  Bytes signature;  // as it is
  bool by_certificate = true;
  Bytes signer;                                         // DER: certificate or SubjectPublicKeyInfo
  std::string key_details = "PKIX_ECDSA_P256_SHA_256";  // of version 2
};
std::string hashed_body(const Logged& logged);    // hashedrekord 0.0.1
std::string envelope_body(const Logged& logged);  // dsse 0.0.1
std::string intoto_body(const Logged& logged);    // intoto 0.0.2
std::string hashed_body_2(const Logged& logged);  // hashedrekord 0.0.2

class PretendLog {
 public:
  enum class Kind : std::uint8_t { rekor1, rekor2 };

  // What is wrong with an entry; nothing, as they stand.
  struct Faults {
    // Rekor v1's signed entry timestamp.
    bool no_promise = false;
    bool wrong_promise = false;     // does not verify
    bool promise_of_other = false;  // is of another index
    // The inclusion proof.
    bool no_proof = false;
    bool wrong_hash = false;  // one bit of its first hash
    bool one_hash_less = false;
    std::optional<std::uint64_t> proof_index = {};
    bool no_root = false;  // neither root nor size, which may be left out
    // The checkpoint.
    bool no_checkpoint = false;
    bool wrong_checkpoint = false;  // its signature does not verify
    bool other_key = false;         // signed by another key, whose identifier it names
    bool other_tree = false;        // rightly signed, of another root
    std::string origin = {};        // instead of the log's
    std::string name = {};          // of the signature, instead of the log's
    std::string more_lines = {};    // signatures after the log's
    std::string lines_before = {};  // signatures before it
    // The entry.
    std::string kind = {};  // instead of what the body says
    std::string version = {};
  };

  // By default of P-256 for version 1 and of Ed25519 for version 2.
  PretendLog(Kind kind, std::string host);
  PretendLog(Kind kind, std::string host, crypto::KeyKind key);

  Kind kind() const { return kind_; }
  const std::string& host() const { return host_; }
  const crypto::PublicKey& key() const { return key_.public_key(); }
  const crypto::PrivateKey& private_key() const { return key_; }
  Bytes id() const;  // as the trusted root and entries have it

  // Puts `body` into the tree. `time` is the promise's (version 1 alone).
  formats::LogEntry add(std::string_view body, std::chrono::sys_seconds time, const Faults& faults);
  formats::LogEntry add(std::string_view body, std::chrono::sys_seconds time) {
    return add(body, time, Faults());
  }

  // A line of a note, by a key under a name.
  static std::string note_line(const crypto::PrivateKey& key, std::string_view name,
                               std::string_view text);
  static Bytes note_key_id(const crypto::PublicKey& key, std::string_view name);

 private:
  std::string checkpoint(std::uint64_t size, const Bytes& root, const Faults& faults) const;
  Bytes promise(const formats::LogEntry& entry, const Faults& faults) const;

  Kind kind_;
  std::string host_;
  crypto::PrivateKey key_;
  std::mutex mutex_;
  std::vector<Bytes> leaves_;  // their hashes; some of strangers from the start
};

}  // namespace touchstone::test
