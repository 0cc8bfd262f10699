#include <algorithm>

#include "formats/dockerfile.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// Every image stands in a line of the file, in order, and is something.
FUZZ_TARGET(input) {
  const auto named = formats::read_dockerfile(as_text(input), {{"V", "1"}});
  if (!named) return;
  const auto lines = static_cast<std::size_t>(std::ranges::count(as_text(input), '\n')) + 1;
  std::size_t last = 1;
  for (const formats::NamedImage& image : named->images) {
    fuzz::require(image.line >= last && image.line <= lines);
    last = image.line;
  }
}
