#include "base/text.h"
#include "formats/yaml.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// What the restricted dialect takes, the general one reads as one document, and what is written as
// JSON reads back the same.
FUZZ_TARGET(input) {
  constexpr formats::YamlLimits limits{1 << 20, 32, 10'000};
  const auto documents = formats::parse_yaml(input, limits);
  const auto restricted = formats::parse_restricted_yaml(input, limits);
  if (!restricted) return;
  fuzz::require(documents && documents->size() <= 1);
  const formats::Json value = restricted->to_json();
  const std::string text = formats::to_text(value);
  if (text.find("\\t") != text.npos || !is_printable(text)) return;
  const auto again = formats::parse_restricted_yaml(as_bytes(text), {16 << 20, 32, 10'000});
  fuzz::require(again && again->to_json() == value);
}
