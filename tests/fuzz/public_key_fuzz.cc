#include "crypto/public_key.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// A key that is accepted has one spelling.
FUZZ_TARGET(input) {
  const auto key = crypto::PublicKey::from_file(input);
  if (!key) return;
  const auto again = crypto::PublicKey::from_der(key->der());
  fuzz::require(again && *again == *key);
}
