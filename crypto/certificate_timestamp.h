// The timestamps of certificate transparency logs (SCTs) that a certificate carries: promises that
// the certificate is public.
//
// Spec: RFC 6962 sections 3.2 and 3.3, the form embedded in certificates. What was signed is made
// anew from the certificate's own bytes, without the one extension.
#pragma once

#include <chrono>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/certificate.h"

namespace touchstone::crypto {

// A log that is trusted, and when its timestamps count: a closed interval, without end when
// `not_after` is absent.
struct CertificateLog {
  using Time = Instant;

  Bytes log_id;  // SHA-256 of the key, as the timestamps name it
  PublicKey key;
  Time not_before;
  std::optional<Time> not_after;
};

// How many distinct logs of `logs` have signed for `leaf` as issued by `issuer`, which is the
// certificate right above it: one at least. Timestamps that do not count are passed over: of an
// unknown log or version, with a wrong signature, of a time at which the log does not count.
// Refused: a precertificate, a list that is malformed, empty or longer than
// limits::max_certificate_timestamps.
// Errors: certificate.transparency (none counts), certificate.malformed.
Result<std::size_t> count_certificate_logs(const Certificate& leaf, const Certificate& issuer,
                                           std::span<const CertificateLog> logs);

}  // namespace touchstone::crypto
