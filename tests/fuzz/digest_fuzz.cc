#include "base/digest.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// One blob has one spelling.
FUZZ_TARGET(input) {
  const auto digest = Digest::parse(as_text(input));
  if (digest) fuzz::require(digest->to_string() == as_text(input));
}
