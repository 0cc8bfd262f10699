// What a signature or attestation says of itself. Nothing in it is verified.
//
// Spec: sigstore bundles, cosign's signature specification (layers and their annotations), DSSE,
// in-toto statements.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"
#include "formats/descriptor.h"
#include "formats/statement.h"

namespace touchstone::inspect {

struct CertificateClaim {
  std::string fingerprint;
  std::string subject;  // safe to show, as the issuer is
  std::string issuer;
  std::vector<std::string> names;  // alternative ones
  std::string vouched_by;          // Fulcio's: the OpenID Connect issuer, or empty
  std::chrono::sys_seconds not_before;
  std::chrono::sys_seconds not_after;
};

struct LogClaim {
  std::uint64_t index = 0;
  std::string log_id;  // hex
  std::string kind;    // "hashedrekord 0.0.1"
  std::optional<std::chrono::sys_seconds> integrated;
  bool has_promise = false;
  bool has_proof = false;
};

// A statement, or a payload of simple signing.
struct SubjectClaim {
  std::string name;
  std::map<std::string, std::string> digests;  // algorithm to hex
};
struct StatementClaim {
  std::string type;  // of the predicate, or what the payload calls itself
  std::vector<SubjectClaim> subjects;
  bool about_subject = false;                      // one of them is what it is attached to
  std::map<std::string, std::string> annotations;  // claimed to be signed
};

struct Claims {
  std::string form;                            // "sigstore bundle 0.3", "cosign signature", ...
  std::optional<std::string> key_hint;         // of a key that the verifier is to have
  std::vector<CertificateClaim> certificates;  // the signer's first
  std::vector<LogClaim> logs;
  std::vector<std::chrono::sys_seconds> timestamps;  // RFC 3161
  std::string payload_type;                          // of an envelope
  std::optional<StatementClaim> statement;
  std::optional<SubjectClaim> message;  // a bare signature of these digests
  std::vector<Error> faults;            // parts that are malformed, and why
};

// What content of this media type is to be read for; empty for what is not read.
enum class ContentKind : std::uint8_t { other, bundle, simple_signing, envelope };
ContentKind content_kind(std::string_view media_type);

// The claims of a layer, attached to `subject`. What cannot be read is a fault among the rest.
Claims read_claims(const formats::Descriptor& layer, ByteView content, const Digest& subject);

}  // namespace touchstone::inspect
