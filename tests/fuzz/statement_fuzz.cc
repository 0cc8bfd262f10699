#include "formats/statement.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

FUZZ_TARGET(input) { (void)formats::Statement::parse(input); }
