#include "formats/cosign_key_file.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

FUZZ_TARGET(input) { (void)formats::parse_cosign_key(input); }
