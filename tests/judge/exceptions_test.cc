// Break-glass: who may except an image from its rule, and for how long.
#include "judge/exceptions.h"

#include <catch2/catch.hpp>

#include "formats/predicate_types.h"
#include "tests/judge/certified.h"

namespace touchstone::judge {
namespace {

using namespace test;
using policy::Distinct;

const PrivateKey alice = make_key();
const PrivateKey bob = make_key();
const PrivateKey carol = make_key();

using ByNeed = std::vector<std::vector<verify::Finding>>;

verify::Finding excepts(const PrivateKey& key, const char* until = "2027-01-15T20:00:00Z") {
  return states(key, formats::policy_exception_predicate,
                R"({"reason":"x","createdOn":"2027-01-15T07:00:00Z","expiresOn":")" +
                    std::string(until) + "\"}");
}

}  // namespace

TEST_CASE("of exceptions that do not count, the nearest reason is told", "[exceptions]") {
  const verify::Finding broken = failed(Code::signature_invalid);
  const verify::Finding lost = failed(Code::network_timeout);
  const verify::Finding strange = excepts(carol);
  const verify::Finding ended = excepts(alice, "2027-01-15T08:00:00Z");
  struct Row {
    const char* why;
    std::vector<verify::Finding> exceptions;
    Code code;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"none", {}, Code::evidence_none},
      {"a broken one", {broken}, Code::signature_invalid},
      {"a stranger's", {strange}, Code::identity_mismatch},
      {"the first of those", {broken, strange}, Code::signature_invalid},
      {"lost after others", {broken, lost}, Code::network_timeout},
      {"lost before others", {lost, broken, strange}, Code::network_timeout},
      {"one that ended, and a stranger's", {ended, strange}, Code::rule_exception},
      {"one that ended, and a lost one", {ended, lost}, Code::network_timeout},
      {"one of two, and a lost one", {excepts(alice), lost}, Code::network_timeout},
  }));
  CAPTURE(row.why);
  policy::Rule rule = rule_with({policy::Deny{}});
  rule.exceptions = policy::Exceptions{signer_of({&alice, &bob}), 2, Distinct::key, 24h};
  const Verdict verdict = decide(rule, about_image({row.exceptions}), now);
  CHECK(reason_of(verdict.tree->parts.back()) == row.code);
}

TEST_CASE("a refused exception hides no failure to look at the rule's evidence", "[exceptions]") {
  policy::Rule rule = rule_with(signatures(signer_of({&carol})));
  rule.exceptions = policy::Exceptions{signer_of({&alice}), 1, Distinct::key, 24h};
  const verify::Finding ended = excepts(alice, "2027-01-15T08:00:00Z");
  const ByNeed findings = {{failed(Code::network_timeout)}, {ended}};
  CHECK(told(decide(rule, about_image(findings), now)) == "error network.timeout");
}

}  // namespace touchstone::judge
