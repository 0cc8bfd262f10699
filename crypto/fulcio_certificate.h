// What a certificate of Fulcio's, Sigstore's authority, says of the workflow or person that it was
// issued to, beside the alternative name.
//
// Spec: Fulcio's OID document, arc 1.3.6.1.4.1.57264.1. Text is UTF-8 without control characters,
// byte for byte as it stands; it is to be escaped where it is shown.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/certificate.h"

namespace touchstone::crypto {

struct FulcioFields {
  // Who vouched for the holder: the OpenID Connect issuer, or empty when nobody is named.
  std::string issuer;

  // The rest by name (fulcio_field_names()): {"source-repository-uri", "https://..."}.
  std::map<std::string, std::string> values;

  // What the document does not list, by the numbers after the arc ("23", "24.1"; empty for those
  // beyond 64 bits), as it stands.
  std::map<std::string, Bytes> unknown;

  // Null when the certificate does not say.
  const std::string* find(std::string_view name) const;
};

// Errors: certificate.issuer (two issuers that differ), certificate.malformed.
Result<FulcioFields> fulcio_fields(const Certificate& certificate);

// Every name that `values` can have, in the order of the document.
std::vector<std::string_view> fulcio_field_names();

}  // namespace touchstone::crypto
