#include "formats/verification_summary.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// What is read is written so that it reads the same.
FUZZ_TARGET(input) {
  const auto json = formats::parse_json(input, input.size());
  if (!json) return;
  const auto summary = formats::VerificationSummary::parse(*json);
  if (!summary) return;
  const auto again = formats::VerificationSummary::parse(summary->to_json());
  fuzz::require(bool(again) && again->to_json() == summary->to_json());
}
