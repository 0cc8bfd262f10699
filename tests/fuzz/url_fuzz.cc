#include "base/url.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// What is accepted reads back as itself.
FUZZ_TARGET(input) {
  const auto url = Url::parse(as_text(input));
  if (url) {
    const auto again = Url::parse(url->to_string());
    fuzz::require(again && again->to_string() == url->to_string());
  }
  const auto base = Url::parse("https://registry.example/v2/app/referrers/x?n=1");
  (void)base->resolve(as_text(input));
}
