// Verification summaries under a requirement.
#include <catch2/catch.hpp>

#include "formats/verification_summary.h"
#include "judge/requirements.h"
#include "tests/judge/evidence.h"

namespace touchstone::judge {
namespace {

using namespace test;
using Attached = std::vector<verify::Finding>;
using formats::VerificationSummary;

const PrivateKey key = make_key();
const PrivateKey stranger = make_key();
const std::string verifier = "https://acme.example/gate";

policy::Summary wanted() {
  return {.signer = signer_of({&key}), .verifier = verifier, .levels = {"SLSA_BUILD_LEVEL_2"}};
}

Judgement judge(const policy::Summary& requirement, Attached findings) {
  const Surroundings around;
  return judge_summary(requirement, findings, around.context(), {});
}

VerificationSummary summary() {
  return {.verifier = verifier,
          .verified = now - 1h,
          .resource_uri = "oci://registry.example/app",
          .policy = {"https://acme.example/policy", {{"sha256", "ab"}}},
          .passed = true,
          .levels = {"SLSA_BUILD_LEVEL_3"}};
}

verify::Finding stated(const VerificationSummary& content, const PrivateKey& by = key) {
  return states(by, formats::verification_summary_v1, formats::to_text(content.to_json()));
}

template <class Change>
verify::Finding changed(const Change& change) {
  VerificationSummary content = summary();
  change(content);
  return stated(content);
}

}  // namespace

TEST_CASE("a summary of the verifier meets the requirement", "[judge-summary]") {
  policy::Summary requirement = wanted();
  requirement.max_age = 2h;
  requirement.policy_digest = "sha256:ab";
  const Judgement judgement = judge(requirement, {stated(summary())});
  CHECK_FALSE(reason_of(judgement));
  CHECK(judgement.kind == "vsa");
  CHECK(judgement.by == std::vector{key.public_key().fingerprint()});
  CHECK(judgement.valid_until == now + 1h);
  CHECK(judgement.wanted ==
        "a summary of verifier \"https://acme.example/gate\" signed under root \"test\", with "
        "SLSA_BUILD_LEVEL_2, at most 2 h old");
}

TEST_CASE("each thing that is asked of a summary has its refusal", "[judge-summary]") {
  struct Row {
    const char* why;
    std::function<void(VerificationSummary&)> change;
    Code code;
  };
  const auto row = GENERATE(values<Row>({
      {"another verifier with the same key", [](auto& s) { s.verifier += "2"; },
       Code::summary_verifier},
      {"another image", [](auto& s) { s.resource_uri = "oci://registry.example/other"; },
       Code::summary_resource},
      {"another result", [](auto& s) { s.passed = false; }, Code::summary_failed},
      {"a lower level", [](auto& s) { s.levels = {"SLSA_BUILD_LEVEL_1"}; }, Code::summary_level},
      {"no level", [](auto& s) { s.levels = {}; }, Code::summary_level},
      {"another track", [](auto& s) { s.levels = {"SLSA_SOURCE_LEVEL_3"}; }, Code::summary_level},
      {"another policy", [](auto& s) { s.policy.digest = {{"sha256", "ac"}}; },
       Code::summary_verifier},
      {"no policy digest", [](auto& s) { s.policy.digest = {}; }, Code::summary_verifier},
      {"too old", [](auto& s) { s.verified = now - 3h; }, Code::time_too_old},
      {"of no time", [](auto& s) { s.verified = std::nullopt; }, Code::time_too_old},
      {"of a time to come", [](auto& s) { s.verified = now + 1h; }, Code::time_future},
  }));
  CAPTURE(row.why);
  policy::Summary requirement = wanted();
  requirement.max_age = 2h;
  requirement.policy_digest = "sha256:ab";
  const Judgement judgement = judge(requirement, {changed(row.change)});
  CHECK(reason_of(judgement) == row.code);
  CHECK(judgement.outcome == Outcome::deny);
}

TEST_CASE("a summary is about the image under its name", "[judge-summary]") {
  const Surroundings around;
  const std::string digest = around.evidence.image.digest.to_string();
  struct Row {
    std::string resource;
    bool same;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"registry.example/app", true},
      {"docker://registry.example/app:7", true},
      {"https://registry.example/app", true},
      {"oci://registry.example/app@" + digest, true},
      {"registry.example/app:1@" + digest, true},
      {"oci://registry.example/app@sha256:" + std::string(64, '0'), false},
      {"oci://registry.example/app/more", false},
      {"oci://registry.example.evil/app", false},
      {"oci://oci://registry.example/app", false},
      {"pkg:oci/app", false},
      {"", false},
      {"REGISTRY/app", false},
  }));
  CAPTURE(row.resource);
  const auto finding = changed([&](auto& s) { s.resource_uri = row.resource; });
  CHECK(reason_of(judge(wanted(), {finding})) ==
        (row.same ? std::nullopt : std::optional(Code::summary_resource)));
}

TEST_CASE("a platform's summary may name the index", "[judge-summary]") {
  Surroundings around;
  const ManifestEvidence one = platform("linux/amd64", {});
  const LeafContext context{around.evidence, one, around.rule, now};
  const auto reason = [&](const Digest& digest) {
    const std::vector findings = {changed(
        [&](auto& s) { s.resource_uri = "oci://registry.example/app@" + digest.to_string(); })};
    return reason_of(judge_summary(wanted(), findings, context, {}));
  };
  CHECK_FALSE(reason(one.digest));
  CHECK_FALSE(reason(around.evidence.image.digest));
  CHECK(reason(crypto::digest_of(as_bytes("other"))) == Code::summary_resource);
}

TEST_CASE("levels are reached by higher ones of their track", "[judge-summary]") {
  struct Row {
    std::vector<std::string> reached;
    std::vector<std::string> wanted;
    bool enough;
  };
  const auto row = GENERATE(values<Row>({
      {{"SLSA_BUILD_LEVEL_3"}, {"SLSA_BUILD_LEVEL_3"}, true},
      {{"SLSA_BUILD_LEVEL_10"}, {"SLSA_BUILD_LEVEL_9"}, true},
      {{"SLSA_SOURCE_LEVEL_1", "SLSA_BUILD_LEVEL_3"}, {"SLSA_BUILD_LEVEL_1"}, true},
      {{"SLSA_SOURCE_LEVEL_1", "SLSA_BUILD_LEVEL_3"},
       {"SLSA_BUILD_LEVEL_1", "SLSA_SOURCE_LEVEL_1"},
       true},
      {{"ACME_REVIEWED"}, {"ACME_REVIEWED"}, true},
      {{"SLSA_BUILD_LEVEL_3"}, {}, true},
      {{"SLSA_BUILD_LEVEL_3"}, {"SLSA_BUILD_LEVEL_1", "SLSA_SOURCE_LEVEL_1"}, false},
      {{"SLSA_BUILD_LEVEL_UNEVALUATED"}, {"SLSA_BUILD_LEVEL_0"}, false},
      {{"SLSA_BUILD_LEVEL_"}, {"SLSA_BUILD_LEVEL_0"}, false},
      {{"SLSA_BUILD_LEVEL_3"}, {"SLSA_BUILD_LEVEL_"}, false},
      {{"ACME_REVIEWED2"}, {"ACME_REVIEWED"}, false},
      {{"3"}, {"2"}, false},
      {{"SLSA_BUILD_LEVEL_99999999999"}, {"SLSA_BUILD_LEVEL_1"}, false},
  }));
  CAPTURE(row.reached, row.wanted);
  policy::Summary requirement = wanted();
  requirement.levels = row.wanted;
  const auto finding = changed([&](auto& s) { s.levels = row.reached; });
  CHECK(reason_of(judge(requirement, {finding})) ==
        (row.enough ? std::nullopt : std::optional(Code::summary_level)));
}

TEST_CASE("the newest summary of the verifier decides", "[judge-summary]") {
  const auto at = [](std::chrono::seconds age, bool passed) {
    return changed([&](auto& s) {
      s.verified = now - age;
      s.passed = passed;
    });
  };
  CHECK(reason_of(judge(wanted(), {at(2h, true), at(1h, false)})) == Code::summary_failed);
  CHECK(reason_of(judge(wanted(), {at(1h, false), at(2h, true)})) == Code::summary_failed);
  CHECK_FALSE(reason_of(judge(wanted(), {at(2h, false), at(1h, true)})));
  // Of the same time, or of none, each has a say.
  CHECK(reason_of(judge(wanted(), {at(1h, true), at(1h, false)})) == Code::summary_failed);
  CHECK(reason_of(judge(wanted(), {at(1h, false), at(1h, true)})) == Code::summary_failed);
  CHECK(judge(wanted(), {at(1h, true), at(1h, true)}).by.size() == 2);
  // Others have no say.
  const auto other = changed([](auto& s) {
    s.verified = now;
    s.passed = false;
    s.verifier = "https://other";
  });
  CHECK_FALSE(reason_of(judge(wanted(), {at(1h, true), other})));
}

TEST_CASE("a summary without a time is as old as its signature", "[judge-summary]") {
  policy::Summary requirement = wanted();
  requirement.max_age = 2h;
  auto finding = changed([](auto& s) { s.verified = std::nullopt; });
  std::get<verify::Evidence>(finding.result).witnesses.times = {{now - 1h, "clock"}};
  CHECK_FALSE(reason_of(judge(requirement, {finding})));
}

TEST_CASE("without a summary that counts the reason is told", "[judge-summary]") {
  CHECK(reason_of(judge(wanted(), {})) == Code::evidence_none);
  CHECK(reason_of(judge(wanted(), {signed_by(key)})) == Code::evidence_none);
  CHECK(reason_of(judge(
            wanted(), {states(key, "https://example/x", formats::to_text(summary().to_json()))})) ==
        Code::evidence_none);
  CHECK(reason_of(judge(wanted(), {stated(summary(), stranger)})) == Code::identity_mismatch);
  CHECK(reason_of(judge(wanted(), {states(key, formats::verification_summary_v1, "{}")})) ==
        Code::predicate_malformed);
  const auto finding = changed([](auto& s) { s.passed = false; });
  const Judgement undecided = judge(wanted(), {finding, failed(Code::network_timeout)});
  CHECK(reason_of(undecided) == Code::network_timeout);
  CHECK(undecided.outcome == Outcome::error);
}

}  // namespace touchstone::judge
