// Trusted roots: the authorities, logs and timestamp authorities of one sigstore instance.
//
// Spec: sigstore protobuf-specs, sigstore_trustroot.proto, versions 0.1 and 0.2, in protobuf's JSON
// mapping. Members that are unknown are passed over: newer versions add some. Refused: other media
// types, a log without identifier, key or beginning of its validity, a Merkle hash other than
// SHA-256, keys and certificates that are malformed or weak, an authority without certificates, a
// validity that ends before it begins, more than the limits.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/certificate.h"
#include "crypto/public_key.h"

namespace touchstone::formats {

// A closed interval; a bound that is absent is none.
struct Validity {
  std::optional<Instant> start;
  std::optional<Instant> end;

  bool contains(Instant time) const { return (!start || *start <= time) && (!end || time <= *end); }
};

struct TransparencyLog {
  std::string url;            // as given; may lack a scheme
  std::string operator_name;  // version 0.2; may be empty
  crypto::PublicKey key;
  Bytes id;             // what entries and certificates name it by
  Bytes checkpoint_id;  // four bytes; version 0.2, else empty
  Validity validity;    // its start is always there
};

struct CertificateAuthority {
  std::string uri;
  std::string operator_name;
  // The anchor last. Of a timestamp authority the first is its own certificate where that is none
  // of an authority.
  std::vector<crypto::Certificate> chain;
  Validity validity;

  // Whose it is, for counting: the operator, else the URI, else the anchor.
  std::string identity() const;
};

struct TrustedRoot {
  std::vector<TransparencyLog> logs;
  std::vector<TransparencyLog> certificate_logs;
  std::vector<CertificateAuthority> authorities;
  std::vector<CertificateAuthority> timestamp_authorities;

  // A trusted_root.json, or the `trustedRoot` of a client trust configuration.
  // Errors: trust.malformed, limit.*.
  static Result<TrustedRoot> parse(ByteView bytes);
};

}  // namespace touchstone::formats
