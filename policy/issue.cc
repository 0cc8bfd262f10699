#include "policy/issue.h"

#include "base/text.h"
#include "formats/dsse.h"
#include "policy/fields.h"
#include "policy/open.h"

namespace touchstone::policy {

Result<Issue> claimed_issue(ByteView contents, const std::string& source) {
  const auto envelope = formats::DsseEnvelope::parse(contents);
  if (!envelope || envelope->payload_type != payload_type) {
    return Error{Code::policy_signature, printable(source) + ": no signed policy", ""};
  }
  TS_TRY(const formats::Yaml tree, parse_text(envelope->payload, source));
  TS_TRY(const Fields policy, Fields::of(tree, "policy", source));
  TS_TRY(const auto name, policy.optional_text("name"));
  TS_TRY(const std::uint64_t serial, policy.integer("serial", 0, max_serial, 0));
  return Issue{name.value_or(""), serial};
}

}  // namespace touchstone::policy
