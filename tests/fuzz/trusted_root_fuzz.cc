#include "formats/trusted_root.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

FUZZ_TARGET(input) {
  const auto root = formats::TrustedRoot::parse(input);
  if (!root) return;
  for (const auto& log : root->logs) fuzz::require(!log.id.empty() && log.validity.start);
}
