#include "formats/provenance.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

FUZZ_TARGET(input) {
  const auto json = formats::parse_json(input, input.size());
  if (!json) return;
  (void)formats::Provenance::parse(formats::provenance_v1, *json);
  (void)formats::Provenance::parse(formats::provenance_v02, *json);
}
