#include "formats/signing_config.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

FUZZ_TARGET(input) {
  const auto config = formats::SigningConfig::parse(input);
  if (!config) return;
  const Instant now{std::chrono::seconds(1'800'000'000)};
  const auto selected = config->select(now);
  if (!selected) return;
  for (const formats::Service& log : selected->logs) fuzz::require(log.validity.contains(now));
}
