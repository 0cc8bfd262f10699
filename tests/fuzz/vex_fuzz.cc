#include "formats/vex.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

FUZZ_TARGET(input) {
  const auto json = formats::parse_json(input, input.size());
  if (json) (void)formats::VexDocument::parse(*json);
}
