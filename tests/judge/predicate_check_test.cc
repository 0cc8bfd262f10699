// Predicates of any type under an expression.
#include <catch2/catch.hpp>

#include "judge/requirements.h"
#include "tests/judge/evidence.h"

namespace touchstone::judge {
namespace {

using namespace test;
using Attached = std::vector<verify::Finding>;

const PrivateKey key = make_key();
const PrivateKey stranger = make_key();
const std::string type = "https://in-toto.io/attestation/test-result/v0.1";

policy::PredicateCheck wanted(const std::string& expression) {
  auto parsed = policy::Expression::parse(expression);
  REQUIRE(parsed);
  return {signer_of({&key}), type, *std::move(parsed)};
}

Judgement judge(const policy::PredicateCheck& requirement, Attached findings) {
  const Surroundings around;
  return judge_predicate(requirement, findings, around.context(), {});
}

verify::Finding result(const std::string& text) {
  return states(key, type, R"({"result":")" + text + "\"}");
}

verify::Finding signed_at(verify::Finding finding, std::chrono::sys_seconds time) {
  std::get<verify::Evidence>(finding.result).witnesses.times = {{time, "clock"}};
  return finding;
}

}  // namespace

TEST_CASE("a predicate that satisfies the expression meets the requirement", "[judge-predicate]") {
  const auto requirement = wanted("predicate.result == 'PASSED'");
  const Judgement judgement =
      judge(requirement, {result("FAILED"), result("PASSED"), states(key, type, "{}")});
  CHECK_FALSE(reason_of(judgement));
  CHECK(judgement.kind == "predicate");
  CHECK(judgement.by == std::vector{key.public_key().fingerprint()});
  CHECK_FALSE(judgement.valid_until);
}

TEST_CASE("an expression sees the subject, the image and the time", "[judge-predicate]") {
  verify::Finding finding = result("PASSED");
  std::get<verify::Evidence>(finding.result).statement->subjects = {
      {"app", {{"sha256", "ab"}, {"sha512", "cd"}}, {}}};
  const auto text = GENERATE(values<std::string>({
      "subject.size() == 1 && subject[0].name == 'app' && subject[0].digest.sha512 == 'cd'",
      "image.repository == 'registry.example/app' && image.tag == '1'",
      "image.digest.startsWith('sha256:') && size(image) == 3",
      "now == timestamp(1800000000)",
  }));
  CAPTURE(text);
  CHECK_FALSE(reason_of(judge(wanted(text), {finding})));
}

TEST_CASE("a predicate that does not satisfy the expression has its reason", "[judge-predicate]") {
  struct Row {
    const char* why;
    std::string expression;
    Attached findings;
    Code code;
    Outcome outcome;
  };
  const std::string passed = "predicate.result == 'PASSED'";
  const auto row = GENERATE_COPY(values<Row>({
      {"false", passed, {result("FAILED")}, Code::expression_false, Outcome::deny},
      {"a member that is missing",
       passed,
       {states(key, type, "{}")},
       Code::expression_failed,
       Outcome::error},
      {"false, and one that fails",
       passed,
       {result("FAILED"), states(key, type, "{}")},
       Code::expression_failed,
       Outcome::error},
      {"no bool", "predicate.result", {result("PASSED")}, Code::expression_failed, Outcome::error},
      {"too dear",
       "predicate.l.all(a, predicate.l.all(b, predicate.l.all(c, true)))",
       {states(
           key, type,
           "{\"l\":[" +
               [] {
                 std::string list = "0";
                 for (int i = 0; i < 200; ++i) list += ",0";
                 return list;
               }() +
               "]}")},
       Code::limit_expression,
       Outcome::error},
      {"another type",
       passed,
       {states(key, type + "x", R"({"result":"PASSED"})")},
       Code::evidence_none,
       Outcome::deny},
      {"no statement", passed, {signed_by(key)}, Code::evidence_none, Outcome::deny},
      {"a stranger's",
       passed,
       {states(stranger, type, R"({"result":"PASSED"})")},
       Code::identity_mismatch,
       Outcome::deny},
      {"false, and one that could not be had",
       passed,
       {result("FAILED"), failed(Code::network_timeout)},
       Code::network_timeout,
       Outcome::error},
      {"nothing", passed, {}, Code::evidence_none, Outcome::deny},
  }));
  CAPTURE(row.why);
  const Judgement judgement = judge(wanted(row.expression), row.findings);
  CHECK(reason_of(judgement) == row.code);
  CHECK(judgement.outcome == row.outcome);
}

TEST_CASE("a predicate grows old from its signature on", "[judge-predicate]") {
  auto requirement = wanted("predicate.result == 'PASSED'");
  requirement.max_age = 2h;
  const auto reason = [&](const verify::Finding& finding) {
    return reason_of(judge(requirement, {finding}));
  };
  CHECK_FALSE(reason(signed_at(result("PASSED"), now - 1h)));
  CHECK(reason(signed_at(result("PASSED"), now - 3h)) == Code::time_too_old);
  CHECK(reason(signed_at(result("PASSED"), now + 1h)) == Code::time_future);
  CHECK(reason(result("PASSED")) == Code::time_too_old);
  const Judgement judgement = judge(requirement, {signed_at(result("PASSED"), now - 1h)});
  CHECK(judgement.valid_until == now + 1h);
  CHECK(judgement.wanted == "a predicate \"" + type +
                                "\" signed under root \"test\" that satisfies "
                                "predicate.result == 'PASSED', at most 2 h old");
}

}  // namespace touchstone::judge
