// What a store of keys and a maker of certificates need to know of a certificate that is there.
// Nothing is verified: no signature, no chain, no time.
#pragma once

#include <chrono>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/public_key.h"

namespace touchstone::crypto {

struct CertificateFields {
  Bytes der;                 // the whole certificate
  Bytes subject;             // Name, DER
  Bytes issuer;              // Name, DER
  Bytes serial;              // INTEGER with its tag and length, as PKCS#11 has it
  Bytes key_identifier;      // subjectKeyIdentifier; empty when there is none
  std::string subject_text;  // RFC 4514, safe to show
  std::string issuer_text;
  PublicKey public_key;
  std::chrono::sys_seconds not_before;
  std::chrono::sys_seconds not_after;
  bool may_issue = false;  // CA:TRUE, and keyCertSign unless there is no keyUsage

  // One certificate in DER and nothing after it.
  // Errors: format.key, policy.weak-key.
  static Result<CertificateFields> parse(ByteView der);

  // The file of a user: one PEM block of type CERTIFICATE, or DER.
  // Errors: format.key, policy.weak-key.
  static Result<CertificateFields> from_file(ByteView contents);

  std::string pem() const;
};

}  // namespace touchstone::crypto
