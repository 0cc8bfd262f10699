#include "formats/dsse.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// What is signed of it ends with the payload, whatever type it claims.
FUZZ_TARGET(input) {
  const auto envelope = formats::DsseEnvelope::parse(input);
  if (!envelope) return;
  fuzz::require(!envelope->signatures.empty() && envelope->signatures.size() <= 16);
  const Bytes encoding =
      formats::pre_authentication_encoding(envelope->payload_type, envelope->payload);
  fuzz::require(as_text(encoding).ends_with(as_text(envelope->payload)));
}
