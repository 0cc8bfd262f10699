#include "policy/issue.h"

#include <catch2/catch.hpp>

#include "formats/dsse_json.h"
#include "policy/open.h"

namespace touchstone::policy {
namespace {

const std::string rules = "rules: [{name: all, match: {images: \"**\"}, require: deny}]\n";

std::string envelope(const std::string& payload, std::string_view type = payload_type) {
  return formats::to_text(
      formats::to_json({std::string(type), to_bytes(payload), {{Bytes{1}, ""}}}));
}

}  // namespace

TEST_CASE("a signed policy tells its name and serial number", "[signed-policy]") {
  const auto issue =
      claimed_issue(as_bytes(envelope("version: 1\nname: acme\nserial: 7\n" + rules)), "p");
  REQUIRE(issue);
  CHECK(issue->name == "acme");
  CHECK(issue->serial == 7);
  const auto nameless = claimed_issue(as_bytes(envelope("version: 1\n" + rules)), "p");
  REQUIRE(nameless);
  CHECK(nameless->name.empty());
  CHECK(nameless->serial == 0);
}

TEST_CASE("what is no signed policy tells nothing", "[signed-policy]") {
  struct Row {
    const char* why;
    std::string contents;
    Code code;
  };
  const auto row = GENERATE(values<Row>({
      {"nothing", "", Code::policy_signature},
      {"a policy that is not signed", "version: 1\n" + rules, Code::policy_signature},
      {"another payload", envelope(rules, "application/vnd.in-toto+json"), Code::policy_signature},
      {"no policy in it", envelope("\t"), Code::policy_syntax},
      {"no mapping in it", envelope("[]"), Code::policy_value},
      {"a serial that is none", envelope("version: 1\nserial: -1\n" + rules), Code::policy_value},
  }));
  CAPTURE(row.why);
  const auto issue = claimed_issue(as_bytes(row.contents), "p");
  REQUIRE_FALSE(issue);
  CHECK(issue.error().code == row.code);
}

}  // namespace touchstone::policy
