#include "crypto/timestamp_token.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// Whatever is read of a token lies within it, and an authority without certificates says nothing.
FUZZ_TARGET(input) {
  const auto token = crypto::TimestampToken::parse(input);
  if (!token) return;
  fuzz::require(token->imprint().size() >= 32);
  fuzz::require(!crypto::verify_timestamp(*token, input, {}));
}
