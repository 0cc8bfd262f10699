#include "formats/license_expression.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// Where all licences are acceptable, so is every expression; where none is, none.
FUZZ_TARGET(input) {
  const std::string_view text = as_text(input);
  const auto each = [](auto, auto) { return true; };
  const auto none = [](auto, auto) { return false; };
  fuzz::require(formats::is_acceptable(text, none, each));
  fuzz::require(!formats::is_acceptable(text, none, none));
  fuzz::require(!formats::is_acceptable(text, each, each));
}
