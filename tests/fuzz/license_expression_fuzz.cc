#include "formats/license_expression.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// Where all licences are acceptable, so is every expression; where none is, none.
FUZZ_TARGET(input) {
  const std::string_view text = as_text(input);
  fuzz::require(formats::is_acceptable(text, [](auto, auto) { return true; }));
  fuzz::require(!formats::is_acceptable(text, [](auto, auto) { return false; }));
}
