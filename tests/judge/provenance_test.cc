// Provenance under a requirement: whose it is, and each thing that it has to say.
#include <catch2/catch.hpp>

#include "judge/requirements.h"
#include "tests/judge/evidence.h"
#include "tests/support/authority.h"
#include "tests/support/json.h"

namespace touchstone::judge {
namespace {

using namespace test;
using support::json;
using Attached = std::vector<verify::Finding>;

const PrivateKey builder_key = make_key();
const PrivateKey project_key = make_key();
const std::string builder_id = "https://example/builder";
constexpr std::string_view v1 = "https://slsa.dev/provenance/v1";

// Provenance of the app's tag v1.2.3, an hour old, with one text put in place of another.
std::string predicate(const std::string& old = "", const std::string& replacement = "") {
  std::string text =
      R"({"buildDefinition":{"buildType":"https://example/type","externalParameters":
          {"workflow":{"repository":"https://github.com/acme/app","ref":"refs/tags/v1.2.3",
                       "path":"w.yml"},"debug":false},
          "resolvedDependencies":[{"uri":"git+https://github.com/acme/app@refs/tags/v1.2.3",
                                   "digest":{"gitCommit":"abc"}}]},
          "runDetails":{"builder":{"id":"https://example/builder"},
                        "metadata":{"finishedOn":"2027-01-15T07:00:00Z"}}})";
  if (!old.empty()) text.replace(text.find(old), old.size(), replacement);
  return text;
}

std::shared_ptr<policy::Builder> builder(const PrivateKey& key, unsigned level = 3) {
  return std::make_shared<policy::Builder>(
      policy::Builder{"ci", signer_of({&key}), verify::TextMatch::exact(builder_id), level});
}

policy::Provenance wanted() { return {.builders = {builder(builder_key)}}; }

Judgement judge(const policy::Provenance& requirement, Attached findings) {
  const Surroundings around;
  const std::vector<Attached> of_builders(requirement.builders.size(), findings);
  return judge_provenance(requirement, of_builders, around.context(), {4, 2});
}

verify::Finding built(const std::string& text) { return states(builder_key, v1, text); }

verify::TextMatch glob(const char* text) { return *verify::TextMatch::glob(text); }

}  // namespace

TEST_CASE("provenance of a builder meets what is asked of it", "[judge-provenance]") {
  policy::Provenance all = wanted();
  all.min_level = 3;
  all.source = glob("github.com/acme/*");
  all.ref = glob("refs/tags/v*");
  all.versioned_tag = "v1.2";
  all.commit = "abc";
  all.build_types = {verify::TextMatch::exact("x"), glob("https://example/*")};
  all.parameters = {{"debug", formats::Json(false)}};
  all.ignored_parameters = {"workflow"};
  all.allow_extra_parameters = false;
  all.max_age = 2h;
  const Judgement judgement = judge(all, {built(predicate())});
  CHECK_FALSE(reason_of(judgement));
  CHECK(judgement.outcome == Outcome::allow);
  CHECK(judgement.kind == "provenance");
  CHECK(judgement.by == std::vector{builder_key.public_key().fingerprint()});
  CHECK(judgement.build_level == 3);
  CHECK(judgement.valid_until == now + 1h);
  CHECK(judgement.place.line == 4);
  CHECK(
      judgement.found ==
      std::vector<std::string>{
          R"(built by "https://example/builder" from "github.com/acme/app" at "refs/tags/v1.2.3")"});
}

TEST_CASE("each thing that is asked of provenance has its refusal", "[judge-provenance]") {
  struct Row {
    const char* why;
    std::function<void(policy::Provenance&)> ask;
    Code code;
  };
  const auto row = GENERATE(values<Row>({
      {"level",
       [](auto& p) {
         p.builders = {builder(builder_key, 2)};
         p.min_level = 3;
       },
       Code::provenance_level},
      {"source", [](auto& p) { p.source = verify::TextMatch::exact("github.com/acme/other"); },
       Code::provenance_source},
      {"ref", [](auto& p) { p.ref = glob("refs/heads/*"); }, Code::provenance_ref},
      {"version", [](auto& p) { p.versioned_tag = "v1.3"; }, Code::provenance_ref},
      {"commit", [](auto& p) { p.commit = "abd"; }, Code::provenance_source},
      {"build type", [](auto& p) { p.build_types = {verify::TextMatch::exact("x")}; },
       Code::provenance_build_type},
      {"a parameter of another value",
       [](auto& p) { p.parameters = {{"debug", formats::Json(true)}}; },
       Code::provenance_parameters},
      {"a parameter that is missing", [](auto& p) { p.parameters = {{"other", formats::Json()}}; },
       Code::provenance_parameters},
      {"a parameter that is not named",
       [](auto& p) {
         p.allow_extra_parameters = false;
         p.ignored_parameters = {"debug"};
       },
       Code::provenance_parameters},
      {"age", [](auto& p) { p.max_age = 59min; }, Code::time_too_old},
  }));
  CAPTURE(row.why);
  policy::Provenance requirement = wanted();
  row.ask(requirement);
  const Judgement judgement = judge(requirement, {built(predicate())});
  CHECK(reason_of(judgement) == row.code);
  CHECK(judgement.outcome == Outcome::deny);
  CHECK(judgement.build_level == 0);
  CHECK(judgement.by.empty());
  REQUIRE(judgement.found.size() == 1);
  CHECK(judgement.found[0].starts_with("built by "));
}

TEST_CASE("what provenance does not say is not as wanted", "[judge-provenance]") {
  struct Row {
    const char* why;
    std::function<void(policy::Provenance&)> ask;
    std::string text;
    Code code;
  };
  const std::string nowhere =
      predicate(R"("workflow":{"repository":"https://github.com/acme/app","ref":"refs/tags/v1.2.3",
                       "path":"w.yml"},)",
                "");
  const std::string no_ref = predicate(R"("ref":"refs/tags/v1.2.3",)", "");
  const auto row = GENERATE_COPY(values<Row>({
      {"no source", [](auto& p) { p.source = glob("**"); }, nowhere, Code::provenance_source},
      {"no ref", [](auto& p) { p.ref = glob("**"); }, no_ref, Code::provenance_ref},
      {"no tag", [](auto& p) { p.versioned_tag = "v1"; },
       predicate("refs/tags/v1.2.3\",\n", "refs/heads/v1.2.3\",\n"), Code::provenance_ref},
      {"a ref that looks like a tag", [](auto& p) { p.versioned_tag = "v1"; },
       predicate("refs/tags/v1.2.3\",\n", "refs/head/v1.2.3\",\n"), Code::provenance_ref},
      {"no commit", [](auto& p) { p.commit = "abc"; }, nowhere, Code::provenance_source},
      {"no end", [](auto& p) { p.max_age = 24h; }, predicate("finishedOn", "x"),
       Code::time_too_old},
      {"an end to come", [](auto& p) { p.max_age = 24h; },
       predicate("2027-01-15T07", "2027-01-15T09"), Code::time_future},
  }));
  CAPTURE(row.why);
  policy::Provenance requirement = wanted();
  row.ask(requirement);
  CHECK(reason_of(judge(requirement, {built(row.text)})) == row.code);
}

TEST_CASE("a build of no known end is as old as its signature", "[judge-provenance]") {
  policy::Provenance requirement = wanted();
  requirement.max_age = 2h;
  verify::Finding endless = built(predicate("finishedOn", "x"));
  auto& times = std::get<verify::Evidence>(endless.result).witnesses.times;
  times = {{now - 1h, "clock"}};
  const Judgement judgement = judge(requirement, {endless});
  CHECK_FALSE(reason_of(judgement));
  CHECK(judgement.valid_until == now + 1h);
  times = {{now - 3h, "clock"}};
  CHECK(reason_of(judge(requirement, {endless})) == Code::time_too_old);
}

TEST_CASE("a builder's name counts beside its own signer alone", "[judge-provenance][ATT-17]") {
  CHECK(reason_of(judge(wanted(), {states(project_key, v1, predicate())})) ==
        Code::identity_mismatch);
  CHECK(reason_of(judge(wanted(), {built(predicate("example/builder", "example/other"))})) ==
        Code::provenance_builder);
  // The signer of one builder cannot speak for another.
  policy::Provenance two = wanted();
  two.builders.push_back(std::make_shared<policy::Builder>(policy::Builder{
      "other", signer_of({&project_key}), verify::TextMatch::exact("https://example/other"), 3}));
  CHECK(reason_of(judge(two, {states(project_key, v1, predicate())})) == Code::provenance_builder);
  CHECK_FALSE(reason_of(judge(two, {built(predicate())})));
}

TEST_CASE("one attestation that is as wanted is enough", "[judge-provenance]") {
  policy::Provenance requirement = wanted();
  requirement.ref = glob("refs/tags/*");
  requirement.builders.push_back(builder(project_key, 2));
  const Judgement judgement =
      judge(requirement, {built("[]"), failed(Code::network_timeout),
                          built(predicate("refs/tags/v1.2.3\",\n", "refs/heads/m\",\n")),
                          states(project_key, v1, predicate()), built(predicate())});
  CHECK_FALSE(reason_of(judgement));
  CHECK(judgement.build_level == 3);
  CHECK(judgement.by == std::vector{builder_key.public_key().fingerprint(),
                                    project_key.public_key().fingerprint()});
}

TEST_CASE("without provenance that counts the reason is the nearest", "[judge-provenance]") {
  policy::Provenance requirement = wanted();
  requirement.source = glob("github.com/evil/*");
  const verify::Finding other_type = states(builder_key, "https://example/type", "{}");
  const verify::Finding malformed = built("{}");
  const verify::Finding other_builder = built(predicate("example/builder", "example/other"));
  CHECK(reason_of(judge(requirement, {})) == Code::evidence_none);
  CHECK(reason_of(judge(requirement, {other_type})) == Code::evidence_none);
  CHECK(reason_of(judge(requirement, {signed_by(builder_key)})) == Code::evidence_none);
  CHECK(reason_of(judge(requirement, {other_type, malformed})) == Code::predicate_malformed);
  CHECK(reason_of(judge(requirement, {other_builder, malformed})) == Code::provenance_builder);
  CHECK(reason_of(judge(requirement, {built(predicate()), other_builder, malformed})) ==
        Code::provenance_source);
  // What could not be looked at might have been good.
  const Judgement undecided =
      judge(requirement, {built(predicate()), failed(Code::network_timeout)});
  CHECK(reason_of(undecided) == Code::network_timeout);
  CHECK(undecided.outcome == Outcome::error);
}

TEST_CASE("of several builders the nearest reason is told", "[judge-provenance]") {
  const Surroundings around;
  policy::Provenance two{.builders = {builder(builder_key), builder(project_key)}};
  const auto reason = [&](Attached first, Attached second) {
    return reason_of(
        judge_provenance(two, std::vector<Attached>{first, second}, around.context(), {}));
  };
  const PrivateKey stranger = make_key();
  const verify::Finding strange = states(stranger, v1, predicate());
  CHECK(reason({strange}, {}) == Code::identity_mismatch);
  CHECK(reason({}, {strange}) == Code::identity_mismatch);
  CHECK(reason({strange}, {failed(Code::network_timeout)}) == Code::network_timeout);
  CHECK(reason({failed(Code::network_timeout)}, {strange}) == Code::network_timeout);
  CHECK(reason({}, {}) == Code::evidence_none);
}

TEST_CASE("provenance has to agree with the certificate of a keyless signer",
          "[judge-provenance][ATT-17]") {
  const auto authority =
      touchstone::test::issue(touchstone::test::CertificateText::authority("authority"), nullptr);
  const auto leaf = touchstone::test::issue(
      touchstone::test::CertificateText::leaf().with("subjectAltName", "URI:https://w"),
      &authority);
  const auto root = std::make_shared<const formats::TrustedRoot>();
  policy::Signer signer{{"ci"}, {}};
  signer.demand.instances = {{root, "root \"ci\""}};
  signer.demand.identities = {
      {verify::TextMatch::exact("https://w"), verify::TextMatch::exact("https://issuer")}};
  signer.demand.thresholds = {0, 0, 0};
  const policy::Provenance requirement{
      .builders = {std::make_shared<policy::Builder>(
          policy::Builder{"ci", signer, verify::TextMatch::exact(builder_id), 3})}};
  const auto keyless = [&](const std::string& repository) {
    verify::Finding finding = states(leaf.private_key(), v1, predicate());
    auto& evidence = std::get<verify::Evidence>(finding.result);
    evidence.keyless =
        verify::Keyless{{{{leaf.certificate(), authority.certificate()}, now - 1h, now + 1h},
                         {"https://issuer", {{"source-repository-uri", repository}}, {}}},
                        "root \"ci\""};
    return finding;
  };
  CHECK_FALSE(reason_of(judge(requirement, {keyless("https://github.com/acme/app")})));
  CHECK(reason_of(judge(requirement, {keyless("https://github.com/evil/app")})) ==
        Code::provenance_mismatch);
}

TEST_CASE("without provenance that can be read, what was found is told", "[judge-provenance]") {
  CHECK(judge(wanted(), {states(project_key, v1, predicate())}).found.size() == 1);
}

TEST_CASE("what is wanted of provenance is said in a line", "[judge-provenance]") {
  policy::Provenance all = wanted();
  all.builders.push_back(builder(project_key));
  all.min_level = 2;
  all.source = verify::TextMatch::exact("github.com/acme/app");
  all.ref = verify::TextMatch::exact("refs/heads/main");
  all.versioned_tag = "v1";
  all.commit = "abc";
  all.max_age = 24h;
  CHECK(judge(all, {}).wanted ==
        "provenance of builder \"ci\" or \"ci\" at level 2 from \"github.com/acme/app\" at "
        "\"refs/heads/main\" at a tag of v1 at commit abc at most 24 h old");
}

}  // namespace touchstone::judge
