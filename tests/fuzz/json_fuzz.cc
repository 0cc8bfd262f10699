#include "formats/json.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// What is accepted, and written, reads back the same.
FUZZ_TARGET(input) {
  const auto value = formats::parse_json(input, 1 << 20);
  if (!value) return;
  const auto again = formats::parse_json(as_bytes(formats::to_text(*value)), 8 << 20);
  fuzz::require(again && *again == *value);
}
