#include "formats/sigstore_bundle.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

FUZZ_TARGET(input) { (void)formats::SigstoreBundle::parse(input); }
