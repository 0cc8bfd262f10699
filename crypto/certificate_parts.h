// A certificate taken apart where its encoding matters: what other formats quote of it, and what is
// signed when an extension is left out. Views into its bytes, in their order.
//
// Spec: RFC 5280 section 4.1.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"

namespace touchstone::crypto {

struct CertificateExtension {
  ByteView identifier;  // the content of its OBJECT IDENTIFIER
  bool critical = false;
  ByteView value;  // the content of its OCTET STRING
  ByteView whole;
};

struct CertificateParts {
  ByteView serial;             // INTEGER, whole
  ByteView issuer;             // Name, whole
  ByteView before_extensions;  // of the TBSCertificate's content
  std::vector<CertificateExtension> extensions;

  // Absent for what is no certificate of version 3 in DER.
  static std::optional<CertificateParts> split(ByteView certificate);

  const CertificateExtension* find(ByteView identifier) const;  // null: it has none such
};

}  // namespace touchstone::crypto
