#include "judge/leaf.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "tests/judge/certified.h"

namespace touchstone::judge {
namespace {

using crypto::KeyKind;
using crypto::PrivateKey;
using namespace std::chrono_literals;
using touchstone::test::signer;

const std::chrono::sys_seconds now{1'800'000'000s};
const PrivateKey key = PrivateKey::generate(KeyKind::p256);
const PrivateKey stranger = PrivateKey::generate(KeyKind::p256);

verify::Finding by(const PrivateKey& who, std::optional<std::chrono::sys_seconds> at = {}) {
  verify::Evidence evidence{signer(who), Scheme::ecdsa_sha256, {}};
  if (at) evidence.witnesses.times.push_back({*at, "a clock"});
  return {"sha256:0", std::move(evidence)};
}
verify::Finding bad(Code code) { return {"sha256:1", Error{code, "why", ""}}; }

struct World {
  policy::Rule rule{"r", {}, {policy::Allow{}}};
  Evidence evidence{*Reference::parse("registry.example/app"),
                    {crypto::digest_of(as_bytes("image"))}};
  verify::Demand demand{{signer(key)}, {}};
  std::vector<verify::Finding> findings;

  Counted judge() const { return count(findings, demand, {evidence, evidence.image, rule, now}); }
  Code reason() const {
    const Counted counted = judge();
    REQUIRE(counted.good.empty());
    REQUIRE(counted.reason);
    return counted.reason->code;
  }
};

}  // namespace

TEST_CASE("evidence counts whose signer the demand names", "[leaf]") {
  World w;
  w.findings = {by(stranger), by(key), bad(Code::signature_invalid), by(key)};
  const Counted counted = w.judge();
  CHECK(counted.good == std::vector{w.findings[1].evidence(), w.findings[3].evidence()});
  CHECK_FALSE(counted.reason);
  CHECK(counted.found.size() == 4);
}

TEST_CASE("without good evidence the nearest reason is told", "[leaf]") {
  World w;
  CHECK(w.reason() == Code::evidence_none);
  w.findings = {bad(Code::format_bundle)};
  CHECK(w.reason() == Code::format_bundle);
  w.findings = {bad(Code::format_bundle), by(stranger), bad(Code::binding_message)};
  CHECK(w.reason() == Code::identity_mismatch);
  w.rule.freshness.max_signature_age = 1h;
  w.findings.insert(w.findings.begin(), by(key));
  w.findings.push_back(bad(Code::binding_annotation));
  CHECK(w.reason() == Code::time_too_old);
}

TEST_CASE("what could not be looked at is the reason, unless something is good", "[leaf][XP-10]") {
  World w;
  w.findings = {bad(Code::binding_annotation), bad(Code::network_timeout), by(stranger)};
  CHECK(w.reason() == Code::network_timeout);
  w.findings.push_back(by(key));
  CHECK(w.judge().good.size() == 1);

  World list;
  list.evidence.image.failure = Error{Code::network_throttled, "slow down", ""};
  list.findings = {bad(Code::network_timeout)};
  CHECK(list.reason() == Code::network_throttled);
  list.findings = {by(key)};
  CHECK_FALSE(list.judge().reason);
}

TEST_CASE("signatures are as fresh as the rule asks for", "[leaf]") {
  struct Row {
    const char* why;
    std::optional<std::chrono::sys_seconds> at;
    policy::Freshness freshness;
    std::optional<Code> refused;
  };
  const auto row = GENERATE(values<Row>({
      {"nothing asked", std::nullopt, {}, std::nullopt},
      {"no time where one is needed", std::nullopt, {{}, true}, Code::time_missing},
      {"a time", now - 9h, {{}, true}, std::nullopt},
      {"no time to tell the age by", std::nullopt, {1h, false}, Code::time_too_old},
      {"just young enough", now - 1h, {1h, false}, std::nullopt},
      {"a second too old", now - 1h - 1s, {1h, false}, Code::time_too_old},
      {"within the skew of clocks", now + limits::clock_skew, {1h, false}, std::nullopt},
      {"of a time to come", now + limits::clock_skew + 1s, {1h, false}, Code::time_future},
  }));
  CAPTURE(row.why);
  World w;
  w.rule.freshness = row.freshness;
  w.findings = {by(key, row.at)};
  if (row.refused) {
    CHECK(w.reason() == *row.refused);
  } else {
    CHECK(w.judge().good.size() == 1);
  }
}

TEST_CASE("what counts says until when", "[leaf]") {
  World w;
  w.findings = {by(key, now - 10min)};
  CHECK_FALSE(w.judge().valid_until);
  w.rule.freshness.max_signature_age = 1h;
  CHECK(w.judge().valid_until == now + 50min);
  verify::Evidence ending{signer(key), Scheme::ecdsa_sha256, {}};
  ending.witnesses.times.push_back({now, "a clock"});
  ending.signer.trusted.not_after = now + 1min;
  w.findings.push_back({"", ending});
  CHECK(w.judge().valid_until == now + 1min);
}

TEST_CASE("the end of a certificate, its authority and a device's bound what counts", "[leaf]") {
  const auto until = [](const verify::Finding& finding) {
    verify::Demand demand;
    const verify::Evidence& evidence = *finding.evidence();
    demand.signers = {evidence.signer};
    if (evidence.certified) demand.authorities = {evidence.certified->authority};
    const test::Surroundings around;
    const Counted counted = count(std::span(&finding, 1), demand, around.context());
    REQUIRE(counted.good.size() == 1);
    return counted.valid_until;
  };
  const test::Holder holder("email:a@shop.example");
  CHECK(until(test::certified(holder)) == now + 30min);  // the authority's, before the path's
  CHECK(until(test::signed_on(key, 1)) == now + 24h);
  verify::Finding unattested = by(key);
  std::get<verify::Evidence>(unattested.result).hardware =
      Error{Code::hardware_missing, "none", ""};
  CHECK_FALSE(until(unattested));
}

TEST_CASE("what was found is told with its signer and what is wrong with it", "[leaf]") {
  World w;
  w.findings = {by(key), by(stranger), bad(Code::signature_invalid)};
  const auto found = w.judge().found;
  REQUIRE(found.size() == 3);
  CHECK(found[0] == "by ECDSA P-256 key " + key.public_key().fingerprint());
  CHECK(found[1].starts_with("by ECDSA P-256 key " + stranger.public_key().fingerprint() + ": "));
  CHECK(found[1].ends_with(" (identity.mismatch)"));
  CHECK(found[2] == "why (signature.invalid)");
}

TEST_CASE("who is asked for is said in a line", "[leaf]") {
  policy::Signer signer{{"shop"}, {}};
  CHECK(signer_text(signer) == "root \"shop\"");
  signer.roots.emplace_back("ci");
  CHECK(signer_text(signer) == "roots \"shop\" or \"ci\"");
  signer.demand.identities = {{verify::TextMatch::exact("a"), verify::TextMatch::exact("b")},
                              {verify::TextMatch::exact("c")}};
  CHECK(signer_text(signer) == "roots \"shop\" or \"ci\", \"a\" by \"b\" or \"c\"");
  signer.demand.hardware.emplace();
  CHECK(signer_text(signer).ends_with(", with a key in hardware"));
}

TEST_CASE("long lists of findings are cut for people", "[leaf]") {
  World w;
  w.findings.assign(max_found_lines + 5, bad(Code::signature_invalid));
  CHECK(w.judge().found.size() == max_found_lines + 1);
  CHECK(w.judge().found.back() == "... and 5 more");
  w.findings.assign(max_found_lines, bad(Code::signature_invalid));
  CHECK(w.judge().found.size() == max_found_lines);
}

TEST_CASE("text from outside is made safe to show", "[leaf]") {
  World w;
  w.findings = {{"", Error{Code::signature_invalid, "\x1b[31mred", ""}}};
  CHECK(w.judge().found.at(0).find('\x1b') == std::string::npos);
}

TEST_CASE("durations are told in the unit that fits", "[leaf]") {
  CHECK(duration_text(90s) == "90 s");
  CHECK(duration_text(30min) == "30 min");
  CHECK(duration_text(24h) == "24 h");
  CHECK(duration_text(48h) == "2 d");
  CHECK(duration_text(49h) == "49 h");
  CHECK(duration_text(180 * 24h) == "180 d");
  CHECK(duration_text(0s) == "0 s");
}

TEST_CASE("a reason whose exit status is 3 makes an error of a judgement", "[leaf]") {
  CHECK(not_met("sbom", "", {Code::network_timeout, "", ""}, {}, {}).outcome == Outcome::error);
  CHECK(not_met("sbom", "", {Code::sbom_package, "", ""}, {}, {}).outcome == Outcome::deny);
  const verify::Finding finding = by(key);
  const std::vector signers = {finding.evidence()};
  const Judgement judgement = met("sbom", "", {}, {}, signers);
  CHECK(judgement.outcome == Outcome::allow);
  CHECK(judgement.by == std::vector{key.public_key().fingerprint()});
}

}  // namespace touchstone::judge
