#include "base/time.h"
#include "policy/lint.h"
#include "policy/open.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// Whatever the text: an error that tells a place, or a policy with a last rule for all images.
FUZZ_TARGET(input) {
  const auto nothing = [](const std::string& name) { return Error{Code::usage_file, name, ""}; };
  const policy::Materials materials{nothing, nothing};
  const auto now = *parse_rfc3339("2027-01-15T08:00:00Z");
  const auto document = policy::open(input, "policy", materials, now);
  if (!document) return;
  fuzz::require(document->digest && !document->rules.empty());
  (void)policy::lint(*document, now);
}
