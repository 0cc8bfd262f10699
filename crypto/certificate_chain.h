// From a signer's certificate to an authority that is trusted.
//
// Spec: RFC 5280 section 6, as OpenSSL does it, with its strict checks and security level 2 (112
// bits; no SHA-1), the CA/Browser Forum's rules for the purposes of code signing certificates, and
// RFC 3161's for those of timestamping authorities.
#pragma once

#include <chrono>
#include <span>
#include <vector>

#include "crypto/certificate.h"

namespace touchstone::crypto {

// What the leaf must have been issued for, in so many words.
enum class Purpose : std::uint8_t { code_signing, time_stamping };

struct CertificatePath {
  std::vector<Certificate> certificates;  // the leaf first, the anchor last: two or more
  std::chrono::sys_seconds not_before;    // all are valid from here
  std::chrono::sys_seconds not_after;     // until here, included
};

// The path from `leaf` to one of `anchors`, all of it valid at `at` (closed intervals).
//
// `candidates` came with the signature: they may lie between, and are never anchors. One that could
// not lie on any path, because it is no authority, is for another purpose or is not valid at `at`,
// is as good as absent, and so is such an anchor. Refused as well: a self-signed certificate among
// the candidates, a leaf that is an authority or is among the anchors, a critical extension on the
// path that is unknown, more than limits::max_chain_certificates or limits::max_path_depth.
// Errors: certificate.untrusted, certificate.usage, certificate.path, certificate.weak,
// time.certificate.
Result<CertificatePath> find_path(const Certificate& leaf, std::span<const Certificate> candidates,
                                  std::span<const Certificate> anchors, Purpose purpose,
                                  std::chrono::sys_seconds at);

// Whether `leaf` may sign by what it says of itself: no authority, and if any key usage is given,
// digitalSignature (for timestamps, contentCommitment will do). Its extended key usage holds code
// signing, without serverAuth and any purpose; or time stamping, alone and critical.
// Errors: certificate.usage.
Status check_leaf(const Certificate& leaf, Purpose purpose);

// Whether `authority` may be above such a leaf: an authority with key usage keyCertSign, and for
// the purpose or any, or for none in particular. Errors: certificate.usage.
Status check_authority(const Certificate& authority, Purpose purpose);

// Errors: time.certificate.
Status check_validity(const Certificate& certificate, std::chrono::sys_seconds at);

}  // namespace touchstone::crypto
