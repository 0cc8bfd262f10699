// Who counts for what in a threshold, and when that is too much to tell.
#include "judge/signers.h"

#include <catch2/catch.hpp>

#include "tests/judge/certified.h"

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

std::string told_of(const Requirement& requirement, const Evidence& evidence) {
  return told(decide(rule_with(requirement), evidence, now));
}
std::string told_of(const Requirement& requirement, ByNeed findings) {
  return told_of(requirement, about_image(std::move(findings)));
}

// An image that runs as `user`, whose base is named and judged already.
Evidence based(const std::string& user, ByNeed findings) {
  Evidence evidence = about_image(std::move(findings));
  const Digest digest = crypto::digest_of(as_bytes("base"));
  evidence.image.config = formats::ImageConfig{
      .user = user,
      .labels = {{"org.opencontainers.image.base.name", "registry.example/base:1"},
                 {"org.opencontainers.image.base.digest", digest.to_string()}}};
  return evidence;
}

// Many signers, of whom each may sign.
struct Crowd {
  policy::Signer signer{{"test"}, {}};
  std::vector<verify::Finding> signed_by_all;

  explicit Crowd(std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      const PrivateKey key = make_key();
      signer.demand.signers.push_back(touchstone::test::signer(key, "root \"test\""));
      signed_by_all.push_back(signed_by(key));
    }
  }
  Requirement wants(std::size_t count) const { return signatures(signer, count); }
};

}  // namespace

TEST_CASE("a part that is not met makes nobody count", "[signers]") {
  const Requirement not_root = {policy::ImageConfiguration{.not_root = true}};
  const Requirement whole = {Threshold{2, {{AllOf{{by(bob), not_root}}}, by(alice)}}};
  const ByNeed findings = {{signed_by(bob)}, {signed_by(alice)}};
  CHECK(told_of(whole, based("app", findings)) == "allow");
  CHECK(told_of(whole, based("root", findings)) == "rule.threshold");
}

TEST_CASE("what nobody signs does not stand in the way of who does", "[signers]") {
  const ByNeed findings = {{signed_by(bob)}, {signed_by(alice)}};
  const std::vector<Requirement> unsigned_ones = {
      {policy::Allow{}}, {policy::BaseImage{}}, {policy::ImageConfiguration{.not_root = true}}};
  for (const Requirement& other : unsigned_ones) {
    CAPTURE(policy::kind_name(other));
    const Requirement part = {AllOf{{by(bob), other}}};
    CHECK(told_of({Threshold{2, {part, by(alice)}}}, based("app", findings)) == "allow");
    CHECK(told_of({Threshold{2, {other, by(bob), by(alice)}}}, based("app", findings)) == "allow");
    CHECK(told_of({Threshold{2, {other, by(bob)}}}, based("app", {{signed_by(bob)}})) ==
          "rule.threshold");
  }
}

TEST_CASE("the evidence of others joins nobody", "[signers]") {
  // Carol is called as alice is, and as bob is; nobody asked for her.
  const Requirement both = {Threshold{2, {by(alice), by(bob)}, Distinct::identity}};
  const ByNeed findings = {{signed_by(alice, "a"), signed_by(carol, "a"), signed_by(carol, "b")},
                           {signed_by(bob, "b")}};
  CHECK(told_of(both, findings) == "allow");
}

TEST_CASE("who is told by a certificate is told by its name", "[signers]") {
  const Holder one("email:a@shop.example");
  const Holder again("email:a@shop.example");
  const Holder other("email:b@shop.example");
  const auto count = [](const std::vector<verify::Finding>& findings, Distinct distinct) {
    std::vector<const verify::Evidence*> evidence;
    for (const verify::Finding& finding : findings) evidence.push_back(finding.evidence());
    return Signers(evidence, {distinct}).count();
  };
  // Certificates of an instance have a key each: there, the name is who it is.
  CHECK(count({keyless(one), keyless(again)}, Distinct::key) == 1);
  CHECK(count({keyless(one), keyless(other)}, Distinct::key) == 2);
  CHECK(count({certified(one), certified(again)}, Distinct::key) == 2);
  CHECK(count({certified(one), certified(again)}, Distinct::identity) == 1);
  CHECK(count({certified(one), certified(other)}, Distinct::identity) == 2);
  const Holder nameless("");
  CHECK(count({certified(nameless), certified(one)}, Distinct::identity) == 2);
}

TEST_CASE("a key whose device is not known is no device", "[signers]") {
  const Requirement both = {Threshold{2, {by(alice), by(bob)}, Distinct::device}};
  CHECK(told_of(both, {{signed_on(alice, 1)}, {signed_on(bob, 2)}}) == "allow");
  CHECK(told_of(both, {{signed_on(alice, 1)}, {signed_by(bob)}}) == "rule.threshold");
  verify::Finding unattested = signed_by(bob);
  std::get<verify::Evidence>(unattested.result).hardware =
      Error{Code::hardware_missing, "none", ""};
  CHECK(told_of(both, {{signed_on(alice, 1)}, {unattested}}) == "rule.threshold");
}

TEST_CASE("how signers are told apart binds from however deep", "[signers]") {
  const Requirement devices = signatures(signer_of({&alice, &bob, &carol}), 2, Distinct::device);
  const std::vector<Requirement> within = {
      {AllOf{{devices}}}, {AnyOf{{devices}}}, {Threshold{1, {devices}}}};
  // Alice and bob share a device: carol's and one of theirs make two, and nobody is left.
  const ByNeed shared = {{signed_on(alice, 1), signed_on(bob, 1), signed_on(carol, 2)},
                         {signed_on(alice, 1)}};
  for (const Requirement& part : within) {
    CAPTURE(policy::kind_name(part));
    CHECK(told_of({Threshold{2, {part, by(alice)}}}, shared) == "rule.threshold");
  }
}

TEST_CASE("more signers than can be told apart are an error", "[signers]") {
  const Crowd crowd(65);
  const Requirement both = {Threshold{2, {crowd.wants(1), by(alice)}}};
  CHECK(told_of(both, {crowd.signed_by_all, {signed_by(alice)}}) == "error limit.count");
}

TEST_CASE("more ways than can be looked at are an error, unless one was found", "[signers]") {
  const Crowd crowd(30);
  const auto all = [&](std::size_t times) { return ByNeed(times, crowd.signed_by_all); };
  // Five of thirty: 142,506 ways.
  ByNeed findings = all(1);
  findings.push_back({signed_by(alice)});
  CHECK(told_of({Threshold{2, {crowd.wants(5), by(alice)}}}, findings) == "error limit.count");
  findings = all(5);
  findings.push_back({signed_by(alice)});
  const Requirement five_times = {AllOf{std::vector(5, crowd.wants(1))}};
  CHECK(told_of({Threshold{2, {five_times, by(alice)}}}, findings) == "error limit.count");
  const std::vector parts(6, crowd.wants(1));
  CHECK(told_of({Threshold{6, parts}}, all(6)) == "error limit.count");
  CHECK(told_of({Threshold{4, parts}}, all(6)) == "allow");
}

}  // namespace touchstone::judge
