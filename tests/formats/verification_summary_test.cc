// Verdicts of others, read and written.
#include "formats/verification_summary.h"

#include <catch2/catch.hpp>

#include "base/time.h"
#include "tests/support/json.h"

namespace touchstone::formats {
namespace {

using support::json;

// The predicate, with one member replaced, or left out when `value` is empty.
Json with(std::string_view name, const std::string& value) {
  const Json whole = json(R"({
    "verifier":{"id":"https://example/v","version":{"touchstone":"1"}},
    "timeVerified":"2026-01-02T03:04:05Z","resourceUri":"oci://r.example/app",
    "policy":{"uri":"https://example/p","digest":{"sha256":"ab"}},
    "inputAttestations":[{"uri":"x","digest":{"sha256":"cd"}}],
    "verificationResult":"PASSED","verifiedLevels":["SLSA_BUILD_LEVEL_3"],
    "dependencyLevels":{"SLSA_BUILD_LEVEL_2":7},"slsaVersion":"1.1"})");
  Json changed{Json::Object()};
  for (const auto& [member, old] : *whole.object()) {
    if (member != name) changed.set(member, old);
  }
  if (!value.empty()) changed.set(name, json(value));
  return changed;
}

}  // namespace

TEST_CASE("a summary is read, and written as it was", "[vsa]") {
  const Json whole = with("slsaVersion", "\"1.1\"");
  const auto summary = VerificationSummary::parse(whole);
  REQUIRE(summary);
  CHECK(summary->verifier == "https://example/v");
  CHECK(summary->verifier_version == std::map<std::string, std::string>{{"touchstone", "1"}});
  CHECK(summary->verified == parse_rfc3339("2026-01-02T03:04:05Z"));
  CHECK(summary->resource_uri == "oci://r.example/app");
  CHECK(summary->policy.uri == "https://example/p");
  CHECK(summary->policy.digest.at("sha256") == "ab");
  REQUIRE(summary->input_attestations.size() == 1);
  CHECK(summary->input_attestations[0].uri == "x");
  CHECK(summary->passed);
  CHECK(summary->levels == std::vector<std::string>{"SLSA_BUILD_LEVEL_3"});
  CHECK(summary->dependency_levels.at("SLSA_BUILD_LEVEL_2") == 7);
  CHECK(to_text(summary->to_json()) == to_text(whole));
}

TEST_CASE("a summary of the least is written so that it reads the same", "[vsa]") {
  const VerificationSummary least{.verifier = "v", .resource_uri = "r", .levels = {"FAILED"}};
  CHECK(to_text(least.to_json()) ==
        R"({"verifier":{"id":"v"},"resourceUri":"r","policy":{},"verificationResult":"FAILED",)"
        R"("verifiedLevels":["FAILED"],"slsaVersion":"1.1"})");
  const auto read = VerificationSummary::parse(least.to_json());
  REQUIRE(read);
  CHECK_FALSE(read->passed);
  CHECK_FALSE(read->verified);
  CHECK(read->input_attestations.empty());
}

TEST_CASE("a summary that is malformed is refused", "[vsa]") {
  struct Row {
    std::string_view member;
    std::string value;  // empty: left out
  };
  const auto row = GENERATE(values<Row>({
      {"verifier", ""},
      {"verifier", "\"v\""},
      {"verifier", "{}"},
      {"verifier", R"({"id":""})"},
      {"verifier", R"({"id":1})"},
      {"verifier", R"({"id":"v","version":{"a":1}})"},
      {"timeVerified", "\"now\""},
      {"resourceUri", ""},
      {"resourceUri", "1"},
      {"policy", ""},
      {"policy", "\"p\""},
      {"policy", R"({"digest":"x"})"},
      {"inputAttestations", "[1]"},
      {"inputAttestations", "{}"},
      {"verificationResult", ""},
      {"verificationResult", "\"passed\""},
      {"verificationResult", "true"},
      {"verifiedLevels", ""},
      {"verifiedLevels", "\"SLSA_BUILD_LEVEL_3\""},
      {"verifiedLevels", "[3]"},
      {"dependencyLevels", "[]"},
      {"dependencyLevels", R"({"a":-1})"},
  }));
  CAPTURE(row.member, row.value);
  const auto summary = VerificationSummary::parse(with(row.member, row.value));
  REQUIRE_FALSE(summary);
  CHECK(summary.error().code == Code::predicate_malformed);
}

TEST_CASE("a summary that is no object is refused", "[vsa]") {
  const auto summary = VerificationSummary::parse(json("[]"));
  REQUIRE_FALSE(summary);
  CHECK(summary.error().code == Code::predicate_malformed);
  CHECK(VerificationSummary::is_type("https://slsa.dev/verification_summary/v1"));
  CHECK_FALSE(VerificationSummary::is_type("https://slsa.dev/verification_summary/v0.2"));
}

}  // namespace touchstone::formats
