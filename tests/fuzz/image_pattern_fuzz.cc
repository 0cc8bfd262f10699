#include "policy/image_pattern.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// A pattern that is taken is normal once normalised, covers itself and ties with itself; two of
// them (on two lines) are ordered both ways round.
FUZZ_TARGET(input) {
  const std::string_view text = as_text(input);
  const std::size_t end = text.find('\n');
  const auto one = policy::ImagePattern::parse(text.substr(0, end));
  if (!one) return;
  const auto again = policy::ImagePattern::parse(one->text());
  fuzz::require(again && again->text() == one->text() && one->ties_with(*again));
  if (end == text.npos) return;
  const auto two = policy::ImagePattern::parse(text.substr(end + 1));
  if (!two) return;
  fuzz::require((one->compare_specificity(*two) < 0) == (two->compare_specificity(*one) > 0));
  fuzz::require(one->ties_with(*two) == two->ties_with(*one));
}
