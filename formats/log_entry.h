// Entries of transparency logs, as bundles carry them, and what such a log recorded.
//
// Spec: sigstore protobuf-specs, sigstore_rekor.proto (TransparencyLogEntry); the entry types of
// Rekor v1 (hashedrekord 0.0.1, rekord 0.0.1, dsse 0.0.1, intoto 0.0.1 and 0.0.2) and Rekor v2
// (hashedrekord 0.0.2); cosign's signature specification for the older form in an annotation.
// Nothing in them is believed: verify/transparency.h compares them with the signature, and with the
// log's key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "formats/proto_json.h"

namespace touchstone::formats {

struct InclusionProof {
  std::uint64_t index = 0;  // in its tree; Rekor v1 counts otherwise than in the entry
  std::uint64_t tree_size = 0;
  Bytes root_hash;
  std::vector<Bytes> hashes;
  std::string checkpoint;  // a signed note; empty where there is none
};

struct LogEntry {
  std::uint64_t index = 0;
  Bytes log_id;
  std::string kind;
  std::string version;
  std::uint64_t integrated_time = 0;  // seconds since 1970; 0 where none is given
  Bytes promise;                      // signed entry timestamp; empty where there is none
  std::optional<InclusionProof> proof;
  Bytes body;  // as it was hashed

  // One of `tlogEntries`. Refused: unknown members, no log, no kind, no body, negative indices,
  // hashes that are not 32 bytes, more than the limits.
  // Errors: format.json, limit.count, limit.size.
  static Result<LogEntry> read(const Message& message);

  // All of an array's; an index of a log that stands there twice is refused.
  static Result<std::vector<LogEntry>> read_all(const Message& material, std::string_view name);

  // The value of cosign's annotation `dev.sigstore.cosign/bundle`. It holds no proof.
  // Errors: format.json, limit.size, limit.depth.
  static Result<LogEntry> parse_annotation(std::string_view text);
};

// One of `tlogEntries`, from which LogEntry::read() reads the same.
Json write_log_entry(const LogEntry& entry);

// What a log recorded.
struct LogBody {
  enum class Kind : std::uint8_t {
    hashed_artifact,   // hashedrekord 0.0.1, rekord 0.0.1: digest of what was signed
    envelope,          // dsse 0.0.1, intoto 0.0.2: digest of the envelope's payload
    envelope_file,     // intoto 0.0.1: digest of the envelope's text, and no signature of its own
    hashed_artifact_2  // hashedrekord 0.0.2: digest of what was signed, an envelope's encoding too
  };
  Kind kind;
  crypto::Hash hash;
  Bytes digest;
  Bytes signature;  // empty for envelope_file
  bool by_certificate = false;
  Bytes signer;             // DER: the certificate, or SubjectPublicKeyInfo
  std::string key_details;  // of hashed_artifact_2

  // The body of `entry`, which must be of the kind and version that the entry says.
  // Refused: other kinds and versions, members that are unknown where Rekor v2 has them, a digest
  // of another length than its algorithm's, several signatures.
  // Errors: format.json, limit.size, limit.depth.
  static Result<LogBody> parse(const LogEntry& entry);
};

}  // namespace touchstone::formats
