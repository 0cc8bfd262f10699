#include "formats/sbom.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

FUZZ_TARGET(input) {
  const auto json = formats::parse_json(input, input.size());
  if (!json) return;
  (void)formats::Sbom::parse(formats::Sbom::Form::spdx, *json);
  (void)formats::Sbom::parse(formats::Sbom::Form::cyclonedx, *json);
}
