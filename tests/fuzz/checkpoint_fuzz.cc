#include "formats/checkpoint.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// What is signed is what the note begins with.
FUZZ_TARGET(input) {
  const auto checkpoint = formats::Checkpoint::parse(as_text(input));
  if (!checkpoint) return;
  fuzz::require(as_text(input).starts_with(checkpoint->text));
  fuzz::require(checkpoint->root_hash.size() == 32 && !checkpoint->signatures.empty());
}
