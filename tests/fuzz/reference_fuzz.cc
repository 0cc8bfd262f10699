#include "base/reference.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// What is accepted reads back as itself.
FUZZ_TARGET(input) {
  const auto reference = Reference::parse(as_text(input));
  if (!reference) return;
  const auto again = Reference::parse(reference->to_string());
  fuzz::require(again && again->to_string() == reference->to_string());
}
