#include "policy/expression.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// An expression, and behind a NUL the predicate.
FUZZ_TARGET(input) {
  const std::string_view text = as_text(input);
  const std::size_t end = std::min(text.find('\0'), text.size());
  const auto expression = policy::Expression::parse(text.substr(0, end));
  if (!expression) return;
  const auto json =
      formats::parse_json(as_bytes(text.substr(std::min(end + 1, text.size()))), 1 << 20);
  const formats::Json nothing;
  (void)expression->evaluate({.predicate = json ? &*json : &nothing, .now = {}});
}
