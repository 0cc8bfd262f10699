#include "oci/fallback_index.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// An entry that was added stands there.
FUZZ_TARGET(input) {
  const formats::Descriptor entry{"application/vnd.oci.image.manifest.v1+json",
                                  *Digest::parse("sha256:" + std::string(64, 'a')),
                                  1,
                                  "",
                                  {},
                                  {},
                                  {}};
  const auto changed = oci::with_entry(Bytes(input.begin(), input.end()), entry);
  if (!changed || !*changed) return;
  const auto again = oci::with_entry(to_bytes(**changed), entry);
  fuzz::require(again && !*again);
}
