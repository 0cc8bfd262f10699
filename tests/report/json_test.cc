// The report for programs: what docs/reference/json.md promises.
#include "report/json.h"

#include <catch2/catch.hpp>

#include "tests/report/sample.h"

namespace touchstone::report {
namespace {

using formats::Json;

Json document(const judge::Report& report, const Json* demanded = nullptr) {
  const auto json = formats::parse_json(as_bytes(to_json({report, "1", "", demanded})), 64 << 20);
  REQUIRE(json);
  return *json;
}

const Json& image(const Json& document, std::size_t index) {
  return document.find("images")->array()->at(index);
}

}  // namespace

TEST_CASE("a document names its policy, and each image its rule and verdict", "[json]") {
  const judge::Report report = test::plain_report();
  const Json json = document(report);
  CHECK(*json.find("version")->unsigned_integer() == 1);
  CHECK(*json.find("time")->string() == "2027-01-15T08:00:00Z");
  CHECK(*json.find("exitStatus")->unsigned_integer() == 1);
  const Json& policy = *json.find("policy");
  CHECK(*policy.find("serial")->unsigned_integer() == 42);
  CHECK(*policy.find("digest")->string() == test::digest('c').to_string());
  CHECK(*policy.find("material")->string() == test::digest('d').to_string());
  CHECK(*policy.find("expires")->string() == "2027-01-15T08:00:00Z");

  const Json& refused = image(json, 2);
  CHECK(*refused.find("decision")->string() == "refused");
  CHECK(*refused.find("rule")->string() == "production");
  CHECK(*refused.find("mode")->string() == "enforce");
  CHECK(*refused.find("wouldDeny")->boolean() == false);
  CHECK(*refused.find("reason")->find("code")->string() == "evidence.none");
  CHECK(*refused.find("reason")->find("hint")->string() == code_info(Code::evidence_none).hint);
  CHECK(*refused.find("latencyMicroseconds")->unsigned_integer() == 41'500);
  CHECK(*refused.find("namedAt")->array()->at(0).find("line")->unsigned_integer() == 12);

  const Json& warned = image(json, 1);
  CHECK(*warned.find("decision")->string() == "accepted");
  CHECK(*warned.find("mode")->string() == "audit");
  CHECK(*warned.find("wouldDeny")->boolean() == true);
  CHECK(*image(json, 3).find("decision")->string() == "undecided");
  CHECK(image(json, 0).find("reason")->is_null());
}

TEST_CASE("the requirements are a tree, with what was found of each", "[json]") {
  judge::Report report = test::filled_with("x");
  report.images[0].verdict.tree->parts[1].build_level = 3;
  report.images[0].verdict.tree->parts[1].place.line = 17;
  const Json json = document(report);
  const Json& tree = *image(json, 0).find("requirement");
  CHECK(*tree.find("decision")->string() == "refused");
  CHECK(tree.find("buildLevel")->is_null());
  const Json& part = tree.find("parts")->array()->at(1);
  CHECK(*part.find("decision")->string() == "undecided");
  CHECK(*part.find("reason")->find("code")->string() == "network.unreachable");
  CHECK(part.find("found")->array()->size() == 2);
  CHECK(*part.find("buildLevel")->unsigned_integer() == 3);
  CHECK(*part.find("line")->unsigned_integer() == 17);
}

TEST_CASE("evidence has who, with what and when, or why it does not count", "[json]") {
  judge::Report report = test::filled_with("x");
  judge::EvidenceNote& note = report.images[0].verdict.evidence[1];
  note.type.clear();
  const Json json = document(report);
  const auto& evidence = *image(json, 0).find("evidence")->array();
  REQUIRE(evidence.size() == 2);
  CHECK(*evidence[1].find("result")->string() == "ok");
  CHECK(evidence[1].find("message")->is_null());
  CHECK(evidence[1].find("type")->is_null());
  CHECK(*evidence[1].find("deviceSerial")->unsigned_integer() == 12345678);
  CHECK(*evidence[1].find("time")->string() == "2027-01-15T08:00:00Z");
  CHECK(*evidence[1].find("subject")->string() == test::digest('a').to_string());
  CHECK(evidence[1].find("logs")->array()->size() == 2);
  CHECK(evidence[0].find("signer")->is_null());
  CHECK(evidence[0].find("time")->is_null());
}

TEST_CASE("what was said of a demand stays, and is added to", "[json]") {
  const auto demanded = formats::parse_json(
      as_bytes(
          R"({"version":1,"time":"then","exitStatus":2,"signers":["s"],"images":[{"signatures":["a"],"candidates":7}]})"),
      1 << 20);
  REQUIRE(demanded);
  judge::Report report = test::plain_report();
  report.images = {report.images[2]};
  report.policy = {};
  const Json json = document(report, &*demanded);
  CHECK(*json.find("exitStatus")->unsigned_integer() == 2);
  CHECK(*json.find("time")->string() == "then");
  CHECK(json.find("policy")->is_null());
  CHECK(json.find("signers")->array()->size() == 1);
  CHECK(*image(json, 0).find("candidates")->unsigned_integer() == 7);
  CHECK(*image(json, 0).find("decision")->string() == "refused");
  CHECK(image(json, 0).find("requirement")->find("line")->is_null());
}

}  // namespace touchstone::report
