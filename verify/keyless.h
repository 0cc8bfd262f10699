// From a certificate of a sigstore instance to the one whom it names.
//
// Spec: sigstore client specification, "Certificate path validation" and "Identity"; Fulcio's
// certificate specification; RFC 6962. In the order of the steps:
//   1. a path leads to an authority of the root, valid,    certificate.untrusted, .usage, .path,
//      and the authority counting, at every time that       .weak, time.certificate
//      was established or that a log claims
//   2. logs of certificates have seen the certificate      certificate.transparency
//   3. it says who vouched for its holder                   certificate.issuer, .malformed
// Whether the holder is the one asked for is for decide().
#pragma once

#include <span>

#include "crypto/certificate_chain.h"
#include "crypto/fulcio_certificate.h"
#include "formats/trusted_root.h"
#include "verify/witnesses.h"

namespace touchstone::verify {

struct KeylessSigner {
  crypto::CertificatePath path;  // the signer's certificate first
  crypto::FulcioFields fields;
};

// `candidates` came with the signature: they may lie on the path, and are nothing else.
Result<KeylessSigner> certify_keyless(const crypto::Certificate& leaf,
                                      std::span<const crypto::Certificate> candidates,
                                      const formats::TrustedRoot& root, const Witnesses& witnesses,
                                      const Thresholds& thresholds);

// Whether an authority of the root has issued the certificate, whenever: for telling a stranger's
// certificate from one whose time is not proven. Errors: certificate.*.
Status check_issued(const crypto::Certificate& leaf,
                    std::span<const crypto::Certificate> candidates,
                    const formats::TrustedRoot& root);

}  // namespace touchstone::verify
