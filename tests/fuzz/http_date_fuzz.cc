#include "base/time.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// What is accepted is a time that can be printed and read back.
FUZZ_TARGET(input) {
  const auto time = parse_http_date(as_text(input));
  if (time) fuzz::require(parse_rfc3339(to_rfc3339(*time)) == time);
}
