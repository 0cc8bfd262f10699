#include "judge/record.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// Whatever the text: an error, or a case that is read back as it was written, and judged.
FUZZ_TARGET(input) {
  const auto record = judge::Record::parse(input);
  if (!record) return;
  const std::string text = record->to_text();
  const auto again = judge::Record::parse(as_bytes(text));
  fuzz::require(again && again->to_text() == text);
  policy::Document document;
  document.rules.push_back({"all", {*policy::ImagePattern::parse("**")}, {policy::Deny{}, {}}});
  fuzz::require(judge::judge_record(*record, document).verdict.outcome != judge::Outcome::allow);
}
