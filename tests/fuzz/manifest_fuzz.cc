#include "formats/descriptor.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

FUZZ_TARGET(input) {
  (void)formats::Manifest::parse(input, "");
  (void)formats::ReferrersList::parse(input);
}
