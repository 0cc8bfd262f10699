#include "tests/fuzz/fuzz.h"
#include "verify/text_match.h"

using namespace touchstone;

// A glob of what holds no special character matches that text and nothing longer.
FUZZ_TARGET(input) {
  const std::string text(as_text(input));
  (void)verify::TextMatch::pattern(text);
  const auto glob = verify::TextMatch::glob(text);
  if (!glob || text.find_first_of("*?\n") != text.npos) return;
  fuzz::require(!glob->matches(text + "x"));
}
