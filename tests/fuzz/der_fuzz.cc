#include "base/der.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// DER is walked without leaving its bytes.
FUZZ_TARGET(input) {
  Reader reader(input);
  while (const auto element = der::next(reader)) fuzz::require(!element->whole.empty());
  Reader integers(input);
  (void)der::unsigned_integer(integers);
}
