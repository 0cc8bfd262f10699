#include "hsm/pkcs11_uri.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// What is accepted, and written, reads back the same.
FUZZ_TARGET(input) {
  const auto uri = hsm::Pkcs11Uri::parse(as_text(input));
  if (!uri) return;
  const auto again = hsm::Pkcs11Uri::parse(uri->to_string());
  fuzz::require(again && again->to_string() == uri->to_string());
}
