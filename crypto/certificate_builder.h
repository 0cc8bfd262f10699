// Making certificates and requests for them, with a key that may live on a device.
//
// Spec: RFC 5280 section 4 (X.509 v3), RFC 2986 (PKCS#10), RFC 5758 and RFC 8410 (signature
// algorithms), RFC 7093 section 2 (key identifiers by SHA-256).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/key_device.h"
#include "base/result.h"
#include "crypto/certificate_fields.h"
#include "crypto/public_key.h"

namespace touchstone::crypto {

// A hundred years: a longer validity says nothing.
constexpr unsigned max_certificate_days = 36'525;

enum class CertificateUse : std::uint8_t {
  code_signing,  // keyUsage digitalSignature, extended key usage codeSigning, no authority
  authority,     // keyUsage keyCertSign and cRLSign; issues certificates for signers, not for CAs
};

struct CertificateSpec {
  Bytes subject;  // Name, DER, not empty
  PublicKey public_key;
  std::vector<std::string> emails;  // subjectAltName
  std::vector<std::string> uris;
  std::chrono::sys_seconds not_before;  // both ends belong to it
  std::chrono::sys_seconds not_after;
  CertificateUse use = CertificateUse::code_signing;
};

// A certificate with a random positive serial number, signed by `signer` in the scheme of its key.
// `issuer` is the authority's certificate; null: self-signed, and `signer` is the key itself.
// What comes back was checked: its signature is good under the issuer's key.
// Refused: addresses and URIs that are not ASCII of their form, an end before the beginning, an
// issuer that may not issue, whose key is not the signer's, or that does not last as long.
// Errors: usage.arguments, device.certificate, device.*.
Result<Bytes> build_certificate(const CertificateSpec& spec, const CertificateFields* issuer,
                                KeyDevice& signer);

// A PKCS#10 request that asks for the same; its times are not in it.
// Errors: usage.arguments, device.*.
Result<Bytes> build_certificate_request(const CertificateSpec& spec, KeyDevice& signer);

}  // namespace touchstone::crypto
