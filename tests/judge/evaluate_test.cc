// The tree of requirements: which findings are whose, and what the parts say of the whole.
#include "judge/evaluate.h"

#include <array>
#include <catch2/catch.hpp>

#include "formats/vulnerability_report.h"
#include "tests/judge/certified.h"

namespace touchstone::judge {
namespace {

using namespace test;
using policy::Requirement;

const PrivateKey alice = make_key();
const PrivateKey stranger = make_key();
const std::string builder_id = "https://example/builder";

std::shared_ptr<policy::Builder> builder(unsigned level) {
  return std::make_shared<policy::Builder>(
      policy::Builder{"ci", signer_of({&alice}), verify::TextMatch::exact(builder_id), level});
}

policy::Vulnerabilities scan_with_vex() {
  policy::Vulnerabilities scan{signer_of({&alice}), 24h};
  scan.denied_from = policy::Severity::high;
  scan.vex = policy::Vex{signer_of({&alice})};
  return scan;
}

verify::Finding provenance() {
  return states(alice, "https://slsa.dev/provenance/v1",
                R"({"buildDefinition":{"buildType":"t","externalParameters":{}},"runDetails":)"
                R"({"builder":{"id":"https://example/builder"}}})");
}

Judgement judge(const Requirement& requirement,
                std::vector<std::vector<verify::Finding>> findings) {
  const Evidence evidence = about_image(std::move(findings));
  const std::array about = {&evidence.image};
  return evaluate(rule_with(requirement), evidence, about, now);
}

// With these findings about two manifests, of which each may speak.
Judgement judge_two(const Requirement& requirement, const std::vector<verify::Finding>& first,
                    const std::vector<verify::Finding>& second) {
  Evidence evidence = about_image({first});
  evidence.is_index = true;
  evidence.platforms = {platform("linux/amd64", {second})};
  const std::array<const ManifestEvidence*, 2> about = {&evidence.image,
                                                        &evidence.platforms.front()};
  return evaluate(rule_with(requirement), evidence, about, now);
}

}  // namespace

TEST_CASE("each requirement is judged by its own findings", "[evaluate]") {
  const auto expression = policy::Expression::parse("true");
  REQUIRE(expression);
  const Requirement by_alice = signatures(signer_of({&alice}));
  const std::vector<Requirement> others = {
      signatures(signer_of({&stranger})),
      {policy::Provenance{{builder(1), builder(1)}}},
      {policy::Sbom{signer_of({&stranger})}},
      {policy::Vulnerabilities{signer_of({&stranger}), 24h}},
      {scan_with_vex()},
      {policy::PredicateCheck{signer_of({&stranger}), "https://example/type", *expression}},
      {policy::Summary{signer_of({&stranger}), "https://example/verifier", {}}},
      {policy::AnyOf{{by_alice, by_alice}}},
  };
  for (const Requirement& other : others) {
    CAPTURE(policy::kind_name(other));
    const Requirement both = {policy::AllOf{{other, by_alice}}};
    std::vector<std::vector<verify::Finding>> findings(needs_of(rule_with(both)).size());
    findings.back() = {signed_by(alice)};
    const Judgement tree = judge(both, findings);
    REQUIRE(tree.parts.size() == 2);
    CHECK(tree.parts[0].outcome == Outcome::deny);
    CHECK(tree.parts[1].outcome == Outcome::allow);
  }
}

TEST_CASE("a scan and what excuses it are two needs", "[evaluate]") {
  const verify::Finding scan = states(
      alice, formats::vulnerabilities_cosign,
      R"({"scanner":{"uri":"x","result":{"SchemaVersion":2,"Results":[{"Vulnerabilities":[)"
      R"({"VulnerabilityID":"CVE-1","PkgName":"a","InstalledVersion":"1","Severity":"CRITICAL"}]}]}},)"
      R"("metadata":{"scanFinishedOn":"2027-01-15T07:00:00Z"}})");
  const verify::Finding vex = states(
      alice, "https://openvex.dev/ns/v0.2.0",
      R"({"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","author":"a","version":1,)"
      R"("timestamp":"2027-01-01T00:00:00Z","statements":[{"vulnerability":{"name":"CVE-1"},)"
      R"("status":"not_affected","justification":"component_not_present"}]})");
  const Requirement wanted = {scan_with_vex()};
  CHECK(judge(wanted, {{scan}, {}}).reason->code == Code::vulnerability_found);
  CHECK(judge(wanted, {{scan}, {vex}}).outcome == Outcome::allow);
  CHECK(judge(wanted, {{vex}, {scan}}).outcome == Outcome::deny);
}

TEST_CASE("of several manifests the best judgement counts", "[evaluate]") {
  const auto expression = policy::Expression::parse("predicate.ok");
  REQUIRE(expression);
  const std::string type = "https://example/type";
  const Requirement attested = {policy::PredicateCheck{signer_of({&alice}), type, *expression}};
  const verify::Finding good = states(alice, type, R"({"ok":true})");
  const verify::Finding bad = states(alice, type, R"({"ok":false})");
  const verify::Finding strange = states(stranger, type, R"({"ok":true})");
  const verify::Finding lost = failed(Code::network_timeout);
  const verify::Finding throttled = failed(Code::network_throttled);
  using Found = std::vector<verify::Finding>;
  struct Row {
    const char* why;
    Found first;
    Found second;
    std::optional<Code> reason;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"good, then nothing", {good}, {}, {}},
      {"good, then bad", {good}, {bad}, {}},
      {"bad, then good", {bad}, {good}, {}},
      {"lost, then good", {lost}, {good}, {}},
      {"nothing, then bad", {}, {bad}, Code::expression_false},
      {"bad, then nothing", {bad}, {}, Code::expression_false},
      {"the first of two that are bad", {strange}, {bad}, Code::identity_mismatch},
      {"bad, then lost", {bad}, {lost}, Code::network_timeout},
      {"lost, then bad", {lost}, {bad}, Code::network_timeout},
      {"lost, then nothing", {lost}, {}, Code::network_timeout},
      {"nothing, then lost", {}, {lost}, Code::network_timeout},
      {"the first of two that are lost", {lost}, {throttled}, Code::network_timeout},
  }));
  CAPTURE(row.why);
  CHECK(reason_of(judge_two(attested, row.first, row.second)) == row.reason);
}

TEST_CASE("signatures at several manifests are counted together", "[evaluate]") {
  const Requirement wanted = signatures(signer_of({&alice}));
  const verify::Finding lost = failed(Code::network_timeout);
  const verify::Finding strange = signed_by(stranger);
  CHECK_FALSE(reason_of(judge_two(wanted, {strange}, {signed_by(alice)})));
  CHECK(reason_of(judge_two(wanted, {}, {strange})) == Code::identity_mismatch);
  CHECK(reason_of(judge_two(wanted, {strange}, {})) == Code::identity_mismatch);
  CHECK(reason_of(judge_two(wanted, {strange}, {lost})) == Code::network_timeout);
  CHECK(reason_of(judge_two(wanted, {lost}, {strange})) == Code::network_timeout);
  const Requirement two = signatures(signer_of({&alice, &stranger}), 2);
  CHECK_FALSE(reason_of(judge_two(two, {strange}, {signed_by(alice)})));
}

TEST_CASE("configurations are judged of the platform that is looked at", "[evaluate]") {
  policy::Rule rule = rule_with({policy::ImageConfiguration{.not_root = true}});
  rule.subject = policy::Subject::platform;
  Evidence evidence = about_image({});
  evidence.is_index = true;
  evidence.platforms = {platform("linux/amd64", {}), platform("linux/arm64", {})};
  evidence.platforms[0].config = formats::ImageConfig{.user = "app"};
  evidence.platforms[1].config = formats::ImageConfig{};
  const Verdict verdict = decide(rule, evidence, now);
  REQUIRE(verdict.tree->parts.size() == 2);
  CHECK(verdict.tree->parts[0].outcome == Outcome::allow);
  CHECK(verdict.tree->parts[1].outcome == Outcome::deny);
  CHECK(verdict.tree->parts[0].parts.at(0).parts.empty());  // one image, one judgement
}

TEST_CASE("the base of an index is named by what is signed about it too", "[evaluate]") {
  const std::string hex(64, 'a');
  const verify::Finding built =
      states(alice, "https://slsa.dev/provenance/v0.2",
             R"({"builder":{"id":"https://example/builder"},"buildType":"t","materials":[)"
             R"({"uri":"pkg:docker/a@1","digest":{"sha256":")" +
                 hex + "\"}}]}");
  const policy::Rule rule =
      rule_with({policy::AllOf{{{policy::Provenance{{builder(1)}}}, {policy::BaseImage{}}}}});
  Evidence evidence = about_image({{built}});
  evidence.is_index = true;
  evidence.platforms = {platform("linux/amd64", {{}})};
  CHECK(told(decide(rule, evidence, now)) == "allow");
}

TEST_CASE("the whole has the best build level of the parts that are met", "[evaluate]") {
  const Requirement low = {policy::Provenance{{builder(1)}}};
  const Requirement high = {policy::Provenance{{builder(3)}}};
  CHECK(judge({policy::AllOf{{high, low}}}, {{provenance()}, {provenance()}}).build_level == 3);
  CHECK(judge({policy::AnyOf{{high, low}}}, {{}, {provenance()}}).build_level == 1);
}

}  // namespace touchstone::judge
