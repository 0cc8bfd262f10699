// Sigstore bundles.
//
// Spec: sigstore protobuf-specs, sigstore_bundle.proto, versions 0.1, 0.2 and 0.3, in protobuf's
// JSON mapping. Refused: other versions, unknown members, no content or two, no key material or
// two, an empty certificate chain, an envelope with any number of
// signatures but one, an empty signature, a key hint that differs from the envelope's keyid,
// malformed base64, a log entry twice, more log entries or timestamps than the limits. What a
// version demands of its log entries is for verify/transparency.h.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "formats/dsse.h"
#include "formats/log_entry.h"

namespace touchstone::formats {

// A public key that the verifier has by other means. The hint is believed by nobody.
struct KeyHint {
  std::string hint;
};

// DER certificates, the signer's first. None of them is an anchor of trust. Version 0.3 has one
// alone, but for private authorities with intermediate ones, for which cosign puts a chain there
// (and reads it with --allow-certificate-chain).
struct CertificateChain {
  std::vector<Bytes> certificates;
};

// The digest is a hint; cosign leaves it out where a key signs the whole file (pure Ed25519).
struct MessageSignature {
  std::optional<crypto::Hash> hash;
  Bytes digest;
  Bytes signature;
};

struct SigstoreBundle {
  int minor_version = 3;  // of 0.x
  std::variant<KeyHint, CertificateChain> material;
  std::vector<LogEntry> log_entries;
  std::vector<Bytes> timestamps;  // RFC 3161's TimeStampResp, DER
  std::variant<MessageSignature, DsseEnvelope> content;

  // What the one who signed has signed with: of an envelope its only signature.
  const Bytes& signature() const;

  // Errors: format.bundle, limit.size, limit.count, limit.depth.
  static Result<SigstoreBundle> parse(ByteView bytes);
};

// A version 0.3 bundle, whatever `minor_version` says, as cosign v3 writes it: one certificate as
// `certificate`, several as `x509CertificateChain`. parse() reads the same from it.
std::string write_bundle(const SigstoreBundle& bundle);

// The same of one DSSE signature and nothing beside it.
std::string write_bundle(std::string_view key_hint, std::string_view payload_type, ByteView payload,
                         ByteView signature);
std::string write_bundle(const CertificateChain& chain, std::string_view payload_type,
                         ByteView payload, ByteView signature);

}  // namespace touchstone::formats
