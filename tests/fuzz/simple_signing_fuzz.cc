#include "formats/simple_signing.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// What was read is written and read back the same, but for the type, which is always cosign's.
FUZZ_TARGET(input) {
  const auto read = formats::SimpleSigning::parse(input);
  if (!read) return;
  const std::string text =
      formats::write_simple_signing(read->image, read->docker_reference, read->annotations);
  const auto again = formats::SimpleSigning::parse(as_bytes(text));
  if (!again) return;  // grown over its limit
  fuzz::require(again->image == read->image && again->annotations == read->annotations &&
                again->docker_reference == read->docker_reference);
}
