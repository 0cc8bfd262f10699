#include "base/der.h"
#include "crypto/distinguished_name.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// A subject that is accepted is one SEQUENCE that is not empty.
FUZZ_TARGET(input) {
  const auto name = crypto::parse_distinguished_name(as_text(input));
  if (!name) return;
  Reader reader(*name);
  const auto content = der::expect(reader, der::sequence);
  fuzz::require(content && !content->empty() && reader.at_end());
}
