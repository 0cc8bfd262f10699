#include "formats/image_config.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

FUZZ_TARGET(input) { (void)formats::ImageConfig::parse(input); }
