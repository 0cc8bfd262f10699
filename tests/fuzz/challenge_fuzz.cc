#include "oci/challenge.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

FUZZ_TARGET(input) {
  const auto challenge = oci::parse_challenge(as_text(input));
  if (challenge && *challenge) fuzz::require(!(*challenge)->realm.empty());
  const auto link = oci::parse_next_link(as_text(input));
  if (link && *link) fuzz::require(!(*link)->empty());
}
