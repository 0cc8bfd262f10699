#include "base/encoding.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// Standard base64 has one spelling.
FUZZ_TARGET(input) {
  const auto bytes = from_base64(as_text(input));
  if (bytes) fuzz::require(to_base64(*bytes) == as_text(input));
  (void)from_base64(as_text(input), Base64::either);
}
