#include "judge/decide.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "formats/predicate_types.h"
#include "tests/judge/evidence.h"

namespace touchstone::judge {
namespace {

using namespace test;
using policy::AllOf;
using policy::AnyOf;
using policy::Distinct;
using policy::Requirement;
using policy::Threshold;

const PrivateKey alice = make_key();
const PrivateKey bob = make_key();
const PrivateKey carol = make_key();

using ByNeed = std::vector<std::vector<verify::Finding>>;

Requirement by(const PrivateKey& key) { return signatures(signer_of({&key})); }

// "allow", or the slug of why not; with "error " before it where it could not be looked at.
std::string told(const Verdict& verdict) {
  if (verdict.outcome == Outcome::allow) return "allow";
  return std::string(verdict.outcome == Outcome::error ? "error " : "") +
         std::string(slug(verdict.reason->code));
}
std::string told(const Requirement& requirement, ByNeed findings) {
  return told(decide(rule_with(requirement), about_image(std::move(findings)), now));
}

}  // namespace

TEST_CASE("one path leads to allow", "[decide]") {
  CHECK(told({policy::Allow{}}, {}) == "allow");
  CHECK(told({policy::Deny{}}, {}) == "rule.denied");
  CHECK(told(by(alice), {{}}) == "evidence.none");
  CHECK(told(by(alice), {{signed_by(bob)}}) == "identity.mismatch");
  CHECK(told(by(alice), {{failed(Code::signature_invalid), signed_by(alice)}}) == "allow");
  CHECK(told(by(alice), {{failed(Code::network_timeout)}}) == "error network.timeout");
  CHECK(told(by(alice), {}) == "error internal.error");
}

TEST_CASE("all_of, any_of: what was seen decides, what was not is an error", "[decide]") {
  const verify::Finding good = signed_by(alice);
  const verify::Finding lost = failed(Code::network_timeout);
  struct Row {
    const char* why;
    ByNeed findings;
    std::string all;
    std::string any;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"both met", {{good}, {good}}, "allow", "allow"},
      {"one met", {{good}, {}}, "evidence.none", "allow"},
      {"none met", {{}, {}}, "evidence.none", "rule.alternatives"},
      {"one met, one lost", {{good}, {lost}}, "error network.timeout", "allow"},
      {"one lost, one not met", {{lost}, {}}, "evidence.none", "error network.timeout"},
      {"both lost", {{lost}, {lost}}, "error network.timeout", "error network.timeout"},
  }));
  CAPTURE(row.why);
  CHECK(told({AllOf{{by(alice), by(alice)}}}, row.findings) == row.all);
  CHECK(told({AnyOf{{by(alice), by(alice)}}}, row.findings) == row.any);
}

TEST_CASE("signatures of several count different keys", "[decide][ATT-11][XP-07]") {
  const Requirement two = signatures(signer_of({&alice, &bob}), 2);
  CHECK(told(two, {{signed_by(alice), signed_by(bob)}}) == "allow");
  CHECK(told(two, {{signed_by(alice)}}) == "rule.threshold");
  CHECK(told(two, {{signed_by(alice), signed_by(alice)}}) == "rule.threshold");
  // The same key in another root, and in another format.
  verify::Finding again = signed_by(alice, "somebody else");
  again.format = verify::SignatureFormat::cosign;
  CHECK(told(two, {{signed_by(alice), again}}) == "rule.threshold");
  CHECK(told(two, {{signed_by(alice), signed_by(carol)}}) == "rule.threshold");
  CHECK(told(two, {{signed_by(alice), failed(Code::network_timeout)}}) == "error network.timeout");
}

TEST_CASE("different identities are different names", "[decide]") {
  const Requirement two = signatures(signer_of({&alice, &bob, &carol}), 2, Distinct::identity);
  CHECK(told(two, {{signed_by(alice, "a"), signed_by(bob, "b")}}) == "allow");
  CHECK(told(two, {{signed_by(alice, "a"), signed_by(bob, "a")}}) == "rule.threshold");
  CHECK(told(two, {{signed_by(alice), signed_by(bob)}}) == "allow");
  // One by the key, the other by the name: all three are one.
  CHECK(told(two, {{signed_by(alice, "a"), signed_by(alice, "b"), signed_by(bob, "b")}}) ==
        "rule.threshold");
}

TEST_CASE("different devices are told by their serial numbers", "[decide]") {
  const Requirement two = signatures(signer_of({&alice, &bob}), 2, Distinct::device);
  CHECK(told(two, {{signed_on(alice, 1), signed_on(bob, 2)}}) == "allow");
  CHECK(told(two, {{signed_on(alice, 1), signed_on(bob, 1)}}) == "rule.threshold");
  CHECK(told(two, {{signed_on(alice, 1), signed_on(bob, 0)}}) == "rule.threshold");
  CHECK(told(two, {{signed_by(alice), signed_by(bob)}}) == "rule.threshold");
  CHECK(told(two, {{signed_on(alice, 1), signed_on(alice, 2)}}) == "rule.threshold");
}

TEST_CASE("a rule may ask for a format", "[decide]") {
  policy::Signatures wanted{signer_of({&alice}), {verify::SignatureFormat::cosign}};
  CHECK(told({wanted}, {{signed_by(alice)}}) == "binding.type");
  verify::Finding legacy = signed_by(alice);
  legacy.format = verify::SignatureFormat::cosign;
  CHECK(told({wanted}, {{signed_by(alice), legacy}}) == "allow");
}

TEST_CASE("who counts for one part of a threshold counts for no other", "[decide]") {
  const Requirement alice_or_bob = signatures(signer_of({&alice, &bob}));
  const Requirement both = {Threshold{2, {by(alice), alice_or_bob}}};
  const verify::Finding a = signed_by(alice);
  const verify::Finding b = signed_by(bob);
  CHECK(told(both, {{a}, {a}}) == "rule.threshold");
  CHECK(told(both, {{a}, {a, b}}) == "allow");
  // Whoever is taken first, alice is needed for the part that bob does not meet.
  CHECK(told({Threshold{2, {alice_or_bob, by(alice)}}}, {{a, b}, {a}}) == "allow");
  CHECK(told({Threshold{2, {alice_or_bob, by(alice)}}}, {{b}, {}}) == "rule.threshold");
  CHECK(told({Threshold{1, {by(alice), by(bob)}}}, {{}, {b}}) == "allow");
  CHECK(told(both, {{a}, {failed(Code::network_timeout)}}) == "error network.timeout");
  CHECK(told({Threshold{2, {by(alice), by(bob), by(carol)}}},
             {{}, {b}, {failed(Code::network_timeout)}}) == "error network.timeout");
  CHECK(told({Threshold{3, {by(alice), by(bob), by(carol)}}},
             {{}, {b}, {failed(Code::network_timeout)}}) == "rule.threshold");
}

TEST_CASE("parts of a threshold may be made of others", "[decide]") {
  const Requirement any_two = signatures(signer_of({&alice, &bob, &carol}), 2);
  const verify::Finding a = signed_by(alice);
  const verify::Finding b = signed_by(bob);
  const verify::Finding c = signed_by(carol);
  // Two of three, and one more: three people.
  CHECK(told({Threshold{2, {any_two, by(alice)}}}, {{a, b, c}, {a}}) == "allow");
  CHECK(told({Threshold{2, {any_two, by(alice)}}}, {{a, b}, {a}}) == "rule.threshold");
  // Within one part the same signer may do all of it.
  const Requirement twice = {AllOf{{by(alice), by(alice)}}};
  CHECK(told({Threshold{2, {twice, by(bob)}}}, {{a}, {a}, {b}}) == "allow");
  CHECK(told({Threshold{2, {twice, by(alice)}}}, {{a}, {a}, {a}}) == "rule.threshold");
  // An alternative frees whom another part needs.
  const Requirement either = {AnyOf{{by(alice), by(bob)}}};
  CHECK(told({Threshold{2, {either, by(alice)}}}, {{a}, {b}, {a}}) == "allow");
  CHECK(told({Threshold{2, {either, by(alice)}}}, {{a}, {}, {a}}) == "rule.threshold");
  // What nobody signed is nobody's part.
  CHECK(told({Threshold{2, {{policy::Allow{}}, by(alice)}}}, {{a}}) == "rule.threshold");
  const Requirement nested = {Threshold{2, {by(alice), by(bob)}}};
  CHECK(told({Threshold{2, {nested, by(carol)}}}, {{a}, {b}, {c}}) == "allow");
  CHECK(told({Threshold{2, {nested, by(bob)}}}, {{a}, {b}, {b}}) == "rule.threshold");
}

TEST_CASE("inner thresholds over devices bind the outer ones", "[decide]") {
  const Requirement devices = signatures(signer_of({&alice, &bob, &carol}), 2, Distinct::device);
  const Requirement both = {Threshold{2, {devices, by(alice)}}};
  // alice and bob share a device: carol's and one of theirs make two, and nobody is left.
  const ByNeed shared = {{signed_on(alice, 1), signed_on(bob, 1), signed_on(carol, 2)},
                         {signed_on(alice, 1)}};
  CHECK(told(both, shared) == "rule.threshold");
  const ByNeed apart = {{signed_on(alice, 1), signed_on(bob, 3), signed_on(carol, 2)},
                        {signed_on(alice, 1)}};
  CHECK(told(both, apart) == "allow");
}

TEST_CASE("evidence lies at the index, at its platforms, or at both", "[decide]") {
  struct Row {
    const char* why;
    bool index;
    bool amd64;
    bool arm64;
    std::vector<std::string> by_subject;  // index, platform, either, both
  };
  const auto row = GENERATE(values<Row>({
      {"nowhere",
       false,
       false,
       false,
       {"evidence.none", "evidence.none", "evidence.none", "evidence.none"}},
      {"at the index", true, false, false, {"allow", "rule.subject", "allow", "rule.subject"}},
      {"at the platforms", false, true, true, {"rule.subject", "allow", "allow", "rule.subject"}},
      {"at one platform",
       false,
       true,
       false,
       {"rule.subject", "rule.subject", "rule.subject", "rule.subject"}},
      {"at all", true, true, true, {"allow", "allow", "allow", "allow"}},
  }));
  CAPTURE(row.why);
  const auto at = [](bool there) {
    return ByNeed{there ? std::vector{signed_by(alice)} : std::vector<verify::Finding>()};
  };
  Evidence evidence = about_image(at(row.index));
  evidence.is_index = true;
  evidence.platforms = {platform("linux/amd64", at(row.amd64)),
                        platform("linux/arm64", at(row.arm64))};
  policy::Rule rule = rule_with(by(alice));
  std::vector<std::string> found;
  for (const auto subject : {policy::Subject::index, policy::Subject::platform,
                             policy::Subject::either, policy::Subject::both}) {
    rule.subject = subject;
    found.push_back(told(decide(rule, evidence, now)));
  }
  CHECK(found == row.by_subject);
}

TEST_CASE("an index without the platforms that a rule asks for is refused", "[decide]") {
  Evidence evidence = about_image({{signed_by(alice)}});
  evidence.is_index = true;
  policy::Rule rule = rule_with(by(alice));
  for (const auto subject :
       {policy::Subject::platform, policy::Subject::either, policy::Subject::both}) {
    rule.subject = subject;
    CHECK(told(decide(rule, evidence, now)) == "rule.platform");
  }
  evidence.is_index = false;  // one image is its own platform
  CHECK(told(decide(rule, evidence, now)) == "allow");
}

TEST_CASE("configurations are those of the index's images", "[decide]") {
  const Requirement configuration = {policy::ImageConfiguration{.not_root = true}};
  Evidence evidence = about_image({});
  evidence.is_index = true;
  policy::Rule rule = rule_with(configuration);
  CHECK(told(decide(rule, evidence, now)) == "rule.platform");
  evidence.platforms = {platform("linux/amd64", {}), platform("linux/arm64", {})};
  evidence.platforms[0].config = formats::ImageConfig{.user = "app"};
  evidence.platforms[1].config = formats::ImageConfig{.user = "app"};
  CHECK(told(decide(rule, evidence, now)) == "allow");
  evidence.platforms[1].config = formats::ImageConfig{};
  CHECK(told(decide(rule, evidence, now)) == "image.user");
  evidence.platforms[1].config = Error{Code::network_timeout, "slow", ""};
  CHECK(told(decide(rule, evidence, now)) == "error network.timeout");
}

TEST_CASE("a tag is refused where a digest is asked for", "[decide]") {
  policy::Rule rule = rule_with(by(alice));
  rule.tags = policy::Tags::require_digest;
  Evidence evidence = about_image({{signed_by(alice)}});
  CHECK(told(decide(rule, evidence, now)) == "rule.digest");
  evidence.reference =
      *Reference::parse("registry.example/app@" + evidence.image.digest.to_string());
  CHECK(told(decide(rule, evidence, now)) == "allow");
  evidence.image.findings = {{}};
  CHECK(told(decide(rule, evidence, now)) == "evidence.none");
}

TEST_CASE("audit mode tells and lets pass; errors pass only where the rule says so", "[decide]") {
  struct Row {
    policy::Mode mode;
    policy::OnError on_error;
    ByNeed findings;
    std::string told;
    bool would_deny;
  };
  using policy::Mode;
  using policy::OnError;
  const ByNeed lost = {{failed(Code::network_timeout)}};
  const auto row = GENERATE_COPY(values<Row>({
      {Mode::enforce, OnError::deny, {{}}, "evidence.none", false},
      {Mode::audit, OnError::deny, {{}}, "allow", true},
      {Mode::enforce, OnError::allow, {{}}, "evidence.none", false},
      {Mode::enforce, OnError::deny, lost, "error network.timeout", false},
      {Mode::audit, OnError::deny, lost, "error network.timeout", false},
      {Mode::audit, OnError::allow, lost, "allow", true},
      {Mode::enforce, OnError::allow, lost, "allow", true},
      {Mode::audit, OnError::allow, {{signed_by(alice)}}, "allow", false},
  }));
  policy::Rule rule = rule_with(by(alice));
  rule.mode = row.mode;
  rule.on_error = row.on_error;
  const Verdict verdict = decide(rule, about_image(row.findings), now);
  CHECK(told(verdict) == row.told);
  CHECK(verdict.would_deny == row.would_deny);
  CHECK(verdict.reason.has_value() == (row.would_deny || row.told != "allow"));
  const Verdict closed = undecided(rule, {Code::network_unreachable, "gone", ""});
  CHECK((closed.outcome == Outcome::allow) == (row.on_error == OnError::allow));
}

TEST_CASE("exceptions are signed, reasoned and short", "[decide]") {
  const auto exception = [](const char* created, const char* expires,
                            const char* reason = "SEV-1") {
    return R"({"reason":")" + std::string(reason) + R"(","createdOn":")" + created +
           R"(","expiresOn":")" + expires + R"("})";
  };
  // now is 2027-01-15T08:00:00Z.
  struct Row {
    const char* why;
    std::vector<verify::Finding> exceptions;
    std::string told;
  };
  const std::string good = exception("2027-01-15T07:00:00Z", "2027-01-15T20:00:00Z");
  const auto by_alice = [&](const std::string& text) {
    return states(alice, formats::policy_exception_predicate, text);
  };
  verify::Finding logged = by_alice(good);
  std::get<verify::Evidence>(logged.result).witnesses.times = {{now - 20h, "a log"}};
  const auto row = GENERATE_COPY(values<Row>({
      {"none", {}, "rule.denied"},
      {"a good one", {by_alice(good)}, "allow"},
      {"ends now",
       {by_alice(exception("2027-01-15T07:00:00Z", "2027-01-15T08:00:00Z"))},
       "rule.exception"},
      {"begins later",
       {by_alice(exception("2027-01-15T08:05:01Z", "2027-01-15T20:00:00Z"))},
       "rule.exception"},
      {"too long",
       {by_alice(exception("2027-01-15T07:00:00Z", "2027-01-16T07:00:01Z"))},
       "rule.exception"},
      {"just short enough",
       {by_alice(exception("2027-01-15T07:00:00Z", "2027-01-16T07:00:00Z"))},
       "allow"},
      {"a log knows that it is older", {logged}, "rule.exception"},
      {"without a reason",
       {by_alice(exception("2027-01-15T07:00:00Z", "2027-01-15T20:00:00Z", ""))},
       "rule.exception"},
      {"without an end",
       {by_alice(R"({"reason":"x","createdOn":"2027-01-15T07:00:00Z"})")},
       "rule.exception"},
      {"no object", {by_alice("[]")}, "rule.exception"},
      {"a signature", {signed_by(alice)}, "rule.exception"},
      {"by a stranger", {states(bob, formats::policy_exception_predicate, good)}, "rule.denied"},
      {"lost", {failed(Code::network_timeout)}, "error network.timeout"},
      {"a bad one beside a good one",
       {by_alice(exception("2027-01-15T07:00:00Z", "2027-01-15T08:00:00Z")), by_alice(good)},
       "allow"},
  }));
  CAPTURE(row.why);
  policy::Rule rule = rule_with({policy::Deny{}});
  rule.exceptions = policy::Exceptions{signer_of({&alice}), 1, Distinct::key, 24h};
  const Verdict verdict = decide(rule, about_image({row.exceptions}), now);
  CHECK(told(verdict) == row.told);
  CHECK(verdict.excepted == (row.told == "allow"));
}

TEST_CASE("as many exceptions stand as the rule asks for, by different signers", "[decide]") {
  const char* text =
      R"({"reason":"x","createdOn":"2027-01-15T07:00:00Z","expiresOn":"2027-01-15T20:00:00Z"})";
  policy::Rule rule = rule_with(by(carol));
  rule.exceptions = policy::Exceptions{signer_of({&alice, &bob}), 2, Distinct::key, 24h};
  const auto of = [&](const PrivateKey& key) {
    return states(key, formats::policy_exception_predicate, text);
  };
  const auto judge = [&](std::vector<verify::Finding> exceptions, ByNeed findings = {{}}) {
    findings.push_back(std::move(exceptions));
    return decide(rule, about_image(std::move(findings)), now);
  };
  CHECK(told(judge({of(alice)})) == "rule.exception");
  CHECK(told(judge({of(alice), of(alice)})) == "rule.exception");
  const Verdict excepted = judge({of(alice), of(bob)});
  CHECK(told(excepted) == "allow");
  CHECK(excepted.valid_until == now + 12h);
  CHECK(told(judge({of(alice), of(bob)}, {{failed(Code::network_timeout)}})) == "allow");
  CHECK_FALSE(judge({of(alice), of(bob)}, {{signed_by(carol)}}).excepted);
}

TEST_CASE("a base image is judged in its turn", "[decide]") {
  Evidence evidence = about_image({});
  const std::string base = "registry.example/base:1";
  const Digest digest = crypto::digest_of(as_bytes("base"));
  policy::BaseImage wanted;
  const auto judge = [&] { return told(decide(rule_with({wanted}), evidence, now)); };
  CHECK(judge() == "base.unknown");
  evidence.image.config = Error{Code::network_timeout, "slow", ""};
  CHECK(judge() == "error network.timeout");
  evidence.image.config = formats::ImageConfig{
      .labels = {{"org.opencontainers.image.base.name", base},
                 {"org.opencontainers.image.base.digest", digest.to_string()}}};
  CHECK(judge() == "allow");
  wanted.verified = true;
  CHECK(judge() == "base.refused");
  evidence.bases = {{base, digest, Verdict{.outcome = Outcome::allow}}};
  CHECK(judge() == "allow");
  evidence.bases[0].verdict = decide(rule_with({policy::Deny{}}), about_image({}), now);
  CHECK(judge() == "base.refused");
  evidence.bases[0].verdict = undecided(rule_with({policy::Allow{}}), {Code::auth_refused, "", ""});
  CHECK(judge() == "error auth.refused");
  evidence.bases[0].digest = crypto::digest_of(as_bytes("another"));
  CHECK(judge() == "base.refused");
}

TEST_CASE("a base image that is let pass all the same is not verified", "[decide]") {
  const Digest digest = crypto::digest_of(as_bytes("base"));
  Evidence evidence = about_image({});
  evidence.image.config = formats::ImageConfig{
      .labels = {{"org.opencontainers.image.base.name", "registry.example/base:1"},
                 {"org.opencontainers.image.base.digest", digest.to_string()}}};
  const auto judge = [&](const Verdict& base) {
    evidence.bases = {{"registry.example/base:1", digest, base}};
    return told(decide(rule_with({policy::BaseImage{{}, true}}), evidence, now));
  };
  policy::Rule lenient = rule_with({policy::Deny{}});
  lenient.mode = policy::Mode::audit;
  REQUIRE(decide(lenient, about_image({}), now).outcome == Outcome::allow);
  CHECK(judge(decide(lenient, about_image({}), now)) == "base.refused");
  lenient.mode = policy::Mode::enforce;
  lenient.on_error = policy::OnError::allow;
  REQUIRE(undecided(lenient, {Code::network_timeout, "", ""}).outcome == Outcome::allow);
  CHECK(judge(undecided(lenient, {Code::network_timeout, "", ""})) == "error network.timeout");
}

TEST_CASE("an allowance says until when, and by whom", "[decide]") {
  verify::Finding ending = signed_by(alice);
  std::get<verify::Evidence>(ending.result).signer.trusted.not_after = now + 1h;
  const Requirement both = {AllOf{{by(alice), by(bob)}}};
  const Verdict verdict = decide(rule_with(both), about_image({{ending}, {signed_by(bob)}}), now);
  REQUIRE(verdict.outcome == Outcome::allow);
  CHECK(verdict.valid_until == now + 1h);
  CHECK(verdict.rule == "production");
  REQUIRE(verdict.tree->parts.size() == 2);
  CHECK(verdict.tree->parts[0].by == std::vector{alice.public_key().fingerprint()});
  CHECK_FALSE(decide(rule_with(both), about_image({{ending}, {}}), now).valid_until);
}

TEST_CASE("evidence is noted once, as what it counts for", "[decide]") {
  const Requirement both = {AllOf{{by(alice), by(bob)}}};
  verify::Finding wrong = failed(Code::identity_mismatch);
  wrong.origin = signed_by(alice).origin;
  const Verdict verdict =
      decide(rule_with(both), about_image({{signed_by(alice)}, {wrong, signed_by(bob)}}), now);
  REQUIRE(verdict.evidence.size() == 2);
  CHECK(verdict.evidence[0].result == "ok");
  CHECK(verdict.evidence[0].kind == "signature");
  CHECK(verdict.evidence[0].subject == about_image({}).image.digest);
  policy::Rule fresh = rule_with(by(alice));
  fresh.freshness.require_timestamp = true;
  CHECK(decide(fresh, about_image({{signed_by(alice)}}), now).evidence[0].result == "time.missing");
}

TEST_CASE("needs are those of the rule in its order", "[decide]") {
  auto builder = std::make_shared<policy::Builder>(
      policy::Builder{"b", signer_of({&alice}), verify::TextMatch::exact("https://b"), 3});
  policy::Vulnerabilities scan{signer_of({&alice}), 24h};
  scan.vex = policy::Vex{signer_of({&bob})};
  policy::Rule rule = rule_with({AllOf{{{policy::Provenance{{builder, builder}}},
                                        {AnyOf{{by(alice), {policy::Sbom{signer_of({&bob})}}}}},
                                        {scan},
                                        {policy::ImageConfiguration{}}}}});
  rule.exceptions = policy::Exceptions{signer_of({&carol}), 1, Distinct::key, 1h};
  std::vector<std::string> purposes;
  std::vector<bool> newest;
  const auto needs = needs_of(rule);
  for (const Need& need : needs) {
    purposes.push_back(need.purpose);
    newest.push_back(need.newest_counts);
    CHECK(bool(need.takes) == (need.purpose != "signatures"));
  }
  CHECK(purposes == std::vector<std::string>{"provenance", "provenance", "signatures", "sbom",
                                             "vulnerabilities", "vex", "exceptions"});
  CHECK(newest == std::vector{false, false, false, true, true, true, false});
  CHECK(needs[0].builder == builder.get());
  CHECK(needs[2].demand.content.kind == verify::WantedContent::Kind::image_signature);
  CHECK(needs[3].takes("https://spdx.dev/Document/v2.3"));
  CHECK_FALSE(needs[3].takes("https://spdx.dev/Documents"));
  CHECK(needs[6].takes(formats::policy_exception_predicate));
  CHECK_FALSE(needs[6].takes("https://slsa.dev/provenance/v1"));
}

TEST_CASE("the exit status of many is that of the worst", "[verdict]") {
  const auto report = [](std::vector<std::optional<Code>> reasons) {
    Report made;
    for (const auto& reason : reasons) {
      ImageVerdict image;
      image.verdict.outcome = !reason                     ? Outcome::allow
                              : exit_status(*reason) == 1 ? Outcome::deny
                                                          : Outcome::error;
      if (reason) image.verdict.reason = Error{*reason, "", ""};
      made.images.push_back(image);
    }
    return exit_status(made);
  };
  CHECK(report({}) == 0);
  CHECK(report({{}, {}}) == 0);
  CHECK(report({{}, Code::network_timeout}) == 3);
  CHECK(report({Code::network_timeout, Code::rule_denied}) == 1);
  CHECK(report({Code::network_timeout, Code::reference_platform}) == 2);
}

}  // namespace touchstone::judge
