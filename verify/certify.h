// From the certificates of a signature to a signer: the one place where verification judges them.
//
// Spec: sigstore protobuf-specs, "x509CertificateChain": what a bundle carries beside the signer's
// certificate may lie between it and an authority, and is never an authority itself. Without a
// transparency log or a timestamp there is no other time to judge by than the present.
#pragma once

#include <chrono>
#include <span>

#include "verify/evidence.h"

namespace touchstone::verify {

struct Authorities {
  std::span<const TrustedAuthority> trusted = {};
  std::chrono::sys_seconds at = {};  // when the signature is judged
};

struct CertifiedSigner {
  TrustedSigner signer;  // the key of the certificate, from the authority's source
  Certified certified;
};

// `carried` came with the signature, the signer's own certificate first.
// Errors: as crypto::find_path().
Result<CertifiedSigner> certify(std::span<const crypto::Certificate> carried,
                                const Authorities& authorities);

}  // namespace touchstone::verify
