#include "verify/decide.h"

#include <catch2/catch.hpp>

#include "tests/support/signing.h"

namespace touchstone::verify {
namespace {

using crypto::KeyKind;
using crypto::PrivateKey;
using namespace std::chrono_literals;
using test::signer;

const std::chrono::sys_seconds now{1'800'000'000s};

const PrivateKey key = PrivateKey::generate(KeyKind::p256);
const PrivateKey stranger = PrivateKey::generate(KeyKind::p256);

Evidence evidence(TrustedSigner by) {
  return {std::move(by), Scheme::ecdsa_sha256, {{"env", "prod"}}};
}
Finding good() { return {"good", evidence(signer(key))}; }
Finding bad(Code code) { return {"bad", Error{code, "why", ""}}; }

}  // namespace

TEST_CASE("nothing is accepted without evidence", "[decide]") {
  const Demand demand{{signer(key)}, {}};
  const Verdict none = decide(demand, {}, now);
  CHECK_FALSE(none.allow);
  CHECK(none.code == Code::evidence_none);

  const std::vector<Finding> junk = {bad(Code::format_bundle), bad(Code::signature_invalid)};
  CHECK_FALSE(decide(demand, junk, now).allow);
}

TEST_CASE("one good signature is enough, wherever it stands", "[decide]") {
  const Demand demand{{signer(key)}, {}};
  for (std::size_t place = 0; place < 4; ++place) {
    std::vector<Finding> findings(3, bad(Code::signature_invalid));
    findings.insert(findings.begin() + static_cast<std::ptrdiff_t>(place), good());
    const Verdict verdict = decide(demand, findings, now);
    CHECK(verdict.allow);
    CHECK(verdict.finding == place);
  }
}

TEST_CASE("evidence of a signer whom the policy does not name is refused", "[decide]") {
  const std::vector<Finding> findings = {{"", evidence(signer(stranger))}};
  const Verdict verdict = decide(Demand{{signer(key)}, {}}, findings, now);
  CHECK_FALSE(verdict.allow);
  CHECK(verdict.code == Code::identity_mismatch);
  CHECK_FALSE(decide(Demand{{}, {}}, findings, now).allow);
}

TEST_CASE("a key counts within its validity, both ends included", "[decide]") {
  struct Row {
    const char* why;
    std::optional<std::chrono::sys_seconds> not_before;
    std::optional<std::chrono::sys_seconds> not_after;
    bool allow;
  };
  const auto row = GENERATE(values<Row>({
      {"no bounds", std::nullopt, std::nullopt, true},
      {"begins now", now, std::nullopt, true},
      {"begins a second later", now + 1s, std::nullopt, false},
      {"ends now", std::nullopt, now, true},
      {"ended a second ago", std::nullopt, now - 1s, false},
  }));
  CAPTURE(row.why);
  TrustedSigner by = signer(key);
  by.trusted.not_before = row.not_before;
  by.trusted.not_after = row.not_after;
  const std::vector<Finding> findings = {{"", evidence(by)}};
  const Verdict verdict = decide(Demand{{by}, {}}, findings, now);
  CHECK(verdict.allow == row.allow);
  if (!row.allow) CHECK(verdict.code == Code::time_key_validity);
}

TEST_CASE("every annotation asked for must be signed with its value", "[decide]") {
  struct Row {
    const char* why;
    std::map<std::string, std::string> wanted;
    bool allow;
  };
  const auto row = GENERATE(values<Row>({
      {"none wanted", {}, true},
      {"the signed one", {{"env", "prod"}}, true},
      {"another value", {{"env", "test"}}, false},
      {"the start of the value", {{"env", "pro"}}, false},
      {"another name", {{"Env", "prod"}}, false},
      {"one of two", {{"env", "prod"}, {"team", "a"}}, false},
  }));
  CAPTURE(row.why);
  const std::vector<Finding> findings = {good()};
  const Verdict verdict = decide(Demand{{signer(key)}, row.wanted}, findings, now);
  CHECK(verdict.allow == row.allow);
  if (row.allow) return;
  CHECK(verdict.code == Code::binding_annotation);
  const bool other_value = row.wanted.size() == 1 && row.wanted.contains("env");
  CHECK(verdict.message.contains("is not signed") != other_value);
}

TEST_CASE("of several reasons the nearest to allowing is named", "[decide]") {
  const Demand demand{{signer(key)}, {}};
  const std::vector<Finding> findings = {bad(Code::format_bundle), bad(Code::identity_mismatch),
                                         bad(Code::binding_type), bad(Code::signature_invalid)};
  const Verdict verdict = decide(demand, findings, now);
  CHECK(verdict.code == Code::binding_type);
  CHECK(verdict.finding == 2);
}

}  // namespace touchstone::verify
