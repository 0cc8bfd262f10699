// What is told about a piece of evidence.
#include "judge/evidence_note.h"

#include <catch2/catch.hpp>

#include "formats/predicate_types.h"
#include "tests/judge/certified.h"

namespace touchstone::judge {
namespace {

using namespace test;

const PrivateKey alice = make_key();
const PrivateKey bob = make_key();
const Digest image = crypto::digest_of(as_bytes("image"));

EvidenceNote note(const verify::Finding& finding) { return note_of(finding, "signature", image); }

}  // namespace

TEST_CASE("a key's evidence names the key, its owner and its root", "[evidence-note]") {
  const EvidenceNote unnamed = note(signed_by(alice));
  CHECK(unnamed.signer.ends_with(alice.public_key().fingerprint()));
  CHECK(unnamed.key == alice.public_key().fingerprint());
  CHECK(unnamed.certificate.empty());
  CHECK(unnamed.root == std::get<verify::Evidence>(signed_by(alice).result).signer.source);
  CHECK(unnamed.type.empty());
  CHECK(note(signed_by(alice, "release team")).signer == "release team");
  CHECK(note(states(alice, "https://example/type", "{}")).type == "https://example/type");
}

TEST_CASE("a certificate's evidence names its holder and who vouches", "[evidence-note]") {
  const Holder holder("email:a@shop.example");
  const EvidenceNote own = note(certified(holder));
  CHECK(own.certificate == "a@shop.example");
  CHECK(own.issuer == holder.leaf.certificate().issuer());
  CHECK(own.root == "root \"ca\"");
  CHECK(own.signer == "a@shop.example, vouched for by " + own.issuer);
  const EvidenceNote instance = note(keyless(holder));
  CHECK(instance.certificate == "a@shop.example");
  CHECK(instance.issuer == "https://issuer");
  CHECK(instance.root == "root \"ci\"");
}

TEST_CASE("a certificate without one name alone is told by its subject", "[evidence-note]") {
  const Holder nameless("");
  CHECK(note(certified(nameless)).certificate == nameless.leaf.certificate().subject());
  const Holder twice("email:a@shop.example,email:b@shop.example");
  CHECK(note(certified(twice)).certificate == twice.leaf.certificate().subject());
}

TEST_CASE("a device is told when it was attested, and each log once", "[evidence-note]") {
  CHECK(note(signed_on(alice, 7)).device_serial == 7U);
  CHECK_FALSE(note(signed_on(alice, 7)).device.empty());
  verify::Finding finding = signed_by(alice);
  auto& evidence = std::get<verify::Evidence>(finding.result);
  evidence.hardware = Error{Code::hardware_missing, "none", ""};
  evidence.witnesses.logs = {
      {"one", 1, {}, {}, {}}, {"two", 1, {}, {}, {}}, {"one", 2, {}, {}, {}}};
  CHECK(note(finding).device.empty());
  CHECK(note(finding).logs == std::vector<std::string>{"one", "two"});
}

TEST_CASE("what counts for one of several needs is noted as good", "[evidence-note]") {
  const auto by = [](const PrivateKey& key) { return signatures(signer_of({&key})); };
  const verify::Finding good = signed_by(alice);
  verify::Finding wrong = failed(Code::identity_mismatch);
  verify::Finding lost = failed(Code::network_timeout);
  wrong.origin = lost.origin = good.origin;
  struct Row {
    const char* why;
    const PrivateKey* first;
    const PrivateKey* second;
    verify::Finding for_first;
    verify::Finding for_second;
    std::string result;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"good, and a failure", &alice, &bob, good, wrong, "ok"},
      {"good, and another's", &alice, &bob, good, good, "ok"},
      {"another's, and good", &bob, &alice, good, good, "ok"},
      {"a failure, and good", &bob, &alice, wrong, good, "ok"},
      {"two failures", &bob, &alice, wrong, lost, "identity.mismatch"},
  }));
  CAPTURE(row.why);
  const policy::Requirement both = {policy::AllOf{{by(*row.first), by(*row.second)}}};
  const Verdict verdict =
      decide(rule_with(both), about_image({{row.for_first}, {row.for_second}}), now);
  REQUIRE(verdict.evidence.size() == 1);
  CHECK(verdict.evidence[0].result == row.result);
  CHECK(verdict.evidence[0].kind == "signature");
  CHECK(verdict.evidence[0].subject == image);
}

TEST_CASE("evidence is noted as what it is for, with what is wrong with it", "[evidence-note]") {
  policy::Rule rule = rule_with(
      {policy::AllOf{{signatures(signer_of({&alice})), {policy::Sbom{signer_of({&alice})}}}}});
  rule.freshness.require_timestamp = true;
  rule.exceptions = policy::Exceptions{signer_of({&bob}), 1, policy::Distinct::key, 24h};
  Evidence evidence = about_image({{signed_by(alice)},
                                   {failed(Code::signature_invalid)},
                                   {states(bob, formats::policy_exception_predicate, "{}")}});
  evidence.image.config = Error{Code::network_timeout, "slow", ""};
  evidence.bases = {
      {"registry.example/base:1", image, decide(rule_with({policy::Deny{}}), about_image({}), now)},
      {"registry.example/unasked:1", image}};
  std::vector<std::string> told;
  for (const EvidenceNote& each : decide(rule, evidence, now).evidence) {
    told.push_back(each.kind + " " + each.result);
  }
  CHECK(told == std::vector<std::string>{"signature time.missing", "attestation signature.invalid",
                                         "exception time.missing", "configuration network.timeout",
                                         "base rule.denied", "base ok"});
}

}  // namespace touchstone::judge
