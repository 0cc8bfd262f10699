#include "hsm/piv_name.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// What is accepted, and written, reads back the same.
FUZZ_TARGET(input) {
  const auto name = hsm::PivName::parse(as_text(input));
  if (!name) return;
  const auto again = hsm::PivName::parse(name->to_string());
  fuzz::require(again && again->to_string() == name->to_string());
}
