#include "base/text.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// Nothing unsafe is left, and safe text stays as it is.
FUZZ_TARGET(input) {
  const std::string once = printable(as_text(input));
  fuzz::require(is_valid_utf8(once) && printable(once).substr(0, 512) == once.substr(0, 512));
}
