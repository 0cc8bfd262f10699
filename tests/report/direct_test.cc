// Images judged by keys alone, in the same report.
#include "report/direct.h"

#include <catch2/catch.hpp>

#include "report/report.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/memory_repository.h"
#include "tests/support/signing.h"
#include "verify/report.h"

namespace touchstone::report {
namespace {

using crypto::KeyKind;
using crypto::PrivateKey;
using touchstone::test::bundle;
using touchstone::test::MemoryRepository;
using touchstone::test::signer;

const std::chrono::sys_seconds now{std::chrono::seconds(1'800'000'000)};

struct World {
  test::FixedClock clock{now};
  MemoryRepository repository;
  PrivateKey key = PrivateKey::generate(KeyKind::p256);
  PrivateKey stranger = PrivateKey::generate(KeyKind::p256);
  formats::Descriptor image = repository.put_image("app");
  verify::Demand demand{{signer(key, "key release.pub")}, {}};

  void sign(const PrivateKey& by) {
    repository.attach_bundle(
        image, bundle(by, formats::write_image_signature_statement(image.digest, {})));
  }
  verify::ImageReport judge() {
    const auto reference = Reference::parse("registry.example/app@" + image.digest.to_string());
    return verify::verify_image(repository, *reference, demand, {}, clock);
  }
};

}  // namespace

TEST_CASE("an accepted image has the signatures that were looked at as evidence", "[direct]") {
  World w;
  w.sign(w.stranger);
  w.sign(w.key);
  const verify::ImageReport report = w.judge();
  const judge::ImageVerdict image = image_verdict(report, w.demand);
  CHECK(image.pinned == report.pinned);
  CHECK(image.digest == report.digest);
  CHECK(image.verdict.outcome == judge::Outcome::allow);
  CHECK_FALSE(image.verdict.reason);
  CHECK(image.verdict.rule.empty());
  REQUIRE(image.verdict.tree);
  CHECK(image.verdict.tree->kind == "signatures");
  CHECK(image.verdict.tree->wanted == "a signature by key release.pub, ECDSA P-256");
  CHECK(image.verdict.tree->found.size() == 2);
  REQUIRE(image.verdict.evidence.size() == 2);
  CHECK(image.verdict.evidence[0].result == "identity.mismatch");
  CHECK(image.verdict.evidence[1].result == "ok");
  CHECK(image.verdict.evidence[1].root == "key release.pub");
  CHECK(image.verdict.evidence[1].key == w.key.public_key().fingerprint());
  CHECK(image.verdict.evidence[1].subject == w.image.digest);
}

TEST_CASE("a refusal and an image that could not be looked at keep their reasons", "[direct]") {
  World w;
  const judge::ImageVerdict refused = image_verdict(w.judge(), w.demand);
  CHECK(refused.verdict.outcome == judge::Outcome::deny);
  CHECK(refused.verdict.reason->code == Code::evidence_none);
  CHECK(refused.verdict.tree->reason->code == Code::evidence_none);
  w.repository.list_failure = Error{Code::network_throttled, "slow down", ""};
  const judge::ImageVerdict undecided = image_verdict(w.judge(), w.demand);
  CHECK(undecided.verdict.outcome == judge::Outcome::error);
  CHECK(undecided.verdict.reason->code == Code::network_throttled);
}

TEST_CASE("what was asked for is told whole", "[direct]") {
  World w;
  w.demand.annotations = {{"env", "prod"}};
  w.demand.hardware = *verify::HardwareDemand::parse("touch");
  w.demand.content = {verify::WantedContent::Kind::attestation, "https://slsa.dev/provenance/v1"};
  const judge::ImageVerdict image = image_verdict(w.judge(), w.demand);
  CHECK(image.verdict.tree->kind == "attestation");
  CHECK(image.verdict.tree->wanted ==
        "a signature by key release.pub, ECDSA P-256, with a key attested to be in hardware, and "
        "touch, with env=prod, of type \"https://slsa.dev/provenance/v1\"");
}

TEST_CASE("the document of a demand and the report agree", "[direct]") {
  World w;
  w.sign(w.key);
  const verify::ImageReport report = w.judge();
  const formats::Json demanded = verify::to_document({report}, w.demand, now);
  const judge::Report all{{}, now, {image_verdict(report, w.demand)}};
  const auto json =
      formats::parse_json(as_bytes(write(Form::json, {all, "1", "", &demanded})), 1 << 20);
  REQUIRE(json);
  for (const auto& [name, value] : *demanded.object()) {
    if (name != "images") CHECK(*json->find(name) == value);
  }
  const formats::Json& image = json->find("images")->array()->at(0);
  for (const auto& [name, value] : *demanded.find("images")->array()->at(0).object()) {
    CAPTURE(name);
    CHECK(*image.find(name) == value);
  }
}

}  // namespace touchstone::report
