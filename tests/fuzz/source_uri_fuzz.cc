#include "formats/source_uri.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

FUZZ_TARGET(input) {
  const auto uri = formats::SourceUri::parse(as_text(input));
  if (!uri) return;
  const auto again = formats::SourceUri::parse(uri->place);
  fuzz::require(!again || again->place == uri->place || uri->place.ends_with(".git"));
}
