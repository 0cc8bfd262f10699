// The certificate that goes with a signature instead of a hint at its key.
//
// What a bundle carries: the certificate alone, or with the authorities between it and a root. A
// root is never among them. cosign v3 reads the latter with --allow-certificate-chain.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "crypto/certificate_chain.h"
#include "formats/sigstore_bundle.h"

namespace touchstone::sign {

class SigningCertificate {
 public:
  // Accepted: a certificate for `key` that may sign images at `now`, and a chain, in any order,
  // that leads from it to its self-signed root or, where there is none, to its last certificate.
  // Without a chain nothing is said of who issued it.
  // Errors: usage.certificate.
  static Result<SigningCertificate> create(const crypto::Certificate& certificate,
                                           const std::vector<crypto::Certificate>& chain,
                                           const crypto::PublicKey& key,
                                           std::chrono::sys_seconds now);

  const formats::CertificateChain& carried() const { return carried_; }

  // The end of the chain that was given, to verify what was made.
  const std::optional<crypto::Certificate>& authority() const { return authority_; }

 private:
  formats::CertificateChain carried_;
  std::optional<crypto::Certificate> authority_;
};

}  // namespace touchstone::sign
