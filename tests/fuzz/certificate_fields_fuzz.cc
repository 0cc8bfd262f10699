#include "base/text.h"
#include "crypto/certificate_fields.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// What is said of a certificate can be shown, and its PEM is the same certificate.
FUZZ_TARGET(input) {
  const auto fields = crypto::CertificateFields::from_file(input);
  if (!fields) return;
  fuzz::require(is_printable(fields->subject_text) && is_printable(fields->issuer_text));
  const auto again = crypto::CertificateFields::from_file(as_bytes(fields->pem()));
  fuzz::require(again && again->der == fields->der);
}
