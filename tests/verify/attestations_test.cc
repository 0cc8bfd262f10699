// Attestations, from a repository to a verdict.
#include <catch2/catch.hpp>

#include "base/limits.h"
#include "tests/support/memory_repository.h"
#include "tests/support/signing.h"
#include "verify/report.h"
#include "verify/verify_image.h"

namespace touchstone::verify {
namespace {

using crypto::KeyKind;
using crypto::PrivateKey;
using test::MemoryRepository;
using test::signer;

constexpr std::string_view provenance = "https://slsa.dev/provenance/v1";
constexpr std::string_view scan = "https://cosign.sigstore.dev/attestation/vuln/v1";

struct FixedClock : Clock {
  std::chrono::sys_seconds now() const override {
    return std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000));
  }
  std::chrono::steady_clock::time_point monotonic() const override { return {}; }
};

struct World {
  FixedClock clock;
  MemoryRepository repository;
  PrivateKey key = PrivateKey::generate(KeyKind::p256);
  PrivateKey stranger = PrivateKey::generate(KeyKind::p256);
  formats::Descriptor image = repository.put_image("app");
  Policy policy{{signer(key)},
                {},
                {},
                {},
                {},
                {},
                false,
                {WantedContent::Kind::attestation, std::string(provenance)}};
  std::string tag = *oci::cosign_tag(image.digest, ".att");

  std::string statement(std::string_view type) const {
    return formats::write_statement(image.digest, "registry.example/app", type, R"({"a":[1]})");
  }
  // Attached as a bundle that says of itself what it is.
  void attach(const PrivateKey& by, const std::string& payload, std::string_view says) {
    repository.attach_bundle(image, test::bundle(by, payload));
    repository.lists[image.digest.to_string()].back().annotations = {
        {"dev.sigstore.bundle.predicateType", std::string(says)}};
  }
  std::string layer(const PrivateKey& by, const std::string& payload, std::string_view says) {
    const Bytes encoding =
        formats::pre_authentication_encoding(formats::in_toto_payload_type, as_bytes(payload));
    const std::string envelope =
        R"({"payloadType":"application/vnd.in-toto+json","payload":")" +
        to_base64(as_bytes(payload)) + R"(","signatures":[{"keyid":"","sig":")" +
        to_base64(*by.sign(by.public_key().signing_scheme(), encoding)) + "\"}]}";
    std::string json =
        MemoryRepository::json(repository.put(formats::media_type::dsse_envelope, envelope));
    json.pop_back();
    return json + R"(,"annotations":{"dev.cosignproject.cosign/signature":"","predicateType":")" +
           std::string(says) + "\"}}";
  }
  void put_tag(const std::vector<std::string>& layers, const std::string& under) {
    const auto config =
        MemoryRepository::describe("application/vnd.oci.image.config.v1+json", as_bytes("{}"));
    std::string text =
        R"({"schemaVersion":2,"config":)" + MemoryRepository::json(config) + R"(,"layers":[)";
    for (const auto& one : layers) text += (text.ends_with('[') ? "" : ",") + one;
    repository.tags[under] =
        repository.put(formats::media_type::oci_manifest, text + "]}").digest.to_string();
  }
  ImageReport judge(const std::string& name = "") {
    const auto reference =
        Reference::parse(name.empty() ? "registry.example/app@" + image.digest.to_string() : name);
    REQUIRE(reference);
    return verify_image(repository, *reference, policy, {}, clock);
  }
};

std::string reason(const ImageReport& report) {
  return report.reason ? std::string(slug(report.reason->code)) : "accepted";
}

}  // namespace

TEST_CASE("an attestation is found in either form, and shown", "[attestations]") {
  World w;
  SECTION("a bundle") { w.attach(w.key, w.statement(provenance), provenance); }
  SECTION("a bundle that says it is something else") {
    w.attach(w.key, w.statement(provenance), "https://other.example/type");
  }
  SECTION("an envelope under cosign's tag") {
    w.put_tag({w.layer(w.stranger, w.statement(provenance), provenance),
               w.layer(w.key, w.statement(provenance), provenance)},
              w.tag);
  }
  SECTION("one that says it is something else") {
    w.put_tag({w.layer(w.key, w.statement(provenance), scan)}, w.tag);
  }
  // By its digest, and by a tag: the two ways to look it up.
  w.repository.tags["1.4"] = w.image.digest.to_string();
  CHECK(reason(w.judge("registry.example/app:1.4")) == "accepted");
  const ImageReport report = w.judge();
  REQUIRE(reason(report) == "accepted");
  CHECK(describe(report, w.policy).back() ==
        "  attestation of type \"" + std::string(provenance) + "\"");
  const std::string json = to_json({report}, w.policy, w.clock.now());
  CHECK(json.contains(R"("statement":{"predicateType":"https://slsa.dev/provenance/v1",)"
                      R"("predicate":{"a":[1]}})"));
  w.policy.content.predicate_type = "";
  CHECK(reason(w.judge()) == "accepted");
}

TEST_CASE("one tag is asked for: that of what is wanted", "[attestations]") {
  World w;
  const std::string envelope = w.layer(w.key, w.statement(provenance), provenance);
  w.put_tag({envelope}, *oci::signatures_tag(w.image.digest));
  CHECK(reason(w.judge()) == "evidence.none");
  w.policy.content = {};
  CHECK(reason(w.judge()) == "evidence.none");  // an envelope is no signature, wherever it lies
  w.put_tag({envelope}, w.tag);
  CHECK(reason(w.judge()) == "evidence.none");
  w.repository.tags.erase(*oci::signatures_tag(w.image.digest));
  CHECK(w.judge().other_referrers == 0);
}

TEST_CASE("an attestation of another type does not do", "[attestations][ATT-06]") {
  World w;
  SECTION("a bundle") { w.attach(w.key, w.statement(scan), provenance); }
  SECTION("an envelope") { w.put_tag({w.layer(w.key, w.statement(scan), provenance)}, w.tag); }
  const ImageReport report = w.judge();
  CHECK(reason(report) == "binding.type");
  CHECK(report.decision == Decision::refused);
  const auto lines = describe(report, w.policy);
  CHECK(lines.at(lines.size() - 2) == "hint: `touchstone attest` makes one");
  CHECK(to_json({report}, w.policy, w.clock.now()).contains(R"("statement":null)"));
}

TEST_CASE("a signature of the image is an attestation of its own type alone", "[attestations]") {
  World w;
  w.attach(w.key, formats::write_image_signature_statement(w.image.digest, {}),
           formats::image_signature_predicate);
  CHECK(reason(w.judge()) == "binding.type");
  w.policy.content = {};
  CHECK(reason(w.judge()) == "accepted");
}

TEST_CASE("without any attestation the refusal says which is missing", "[attestations]") {
  World w;
  const ImageReport report = w.judge();
  CHECK(reason(report) == "evidence.none");
  CHECK(report.reason->message ==
        "no attestation of type \"https://slsa.dev/provenance/v1\" is attached");
  w.policy.content.predicate_type = "";
  CHECK(w.judge().reason->message == "no attestation is attached");
  w.policy.content = {};
  CHECK(w.judge().reason->message == "no image signature is attached");
}

TEST_CASE("what says that it is something else comes last", "[attestations]") {
  World w;
  for (int i = 0; i < 40; ++i) w.attach(w.stranger, w.statement(scan), scan);
  w.attach(w.key, w.statement(provenance), provenance);
  std::vector<std::string> layers(30, w.layer(w.stranger, w.statement(scan), scan));
  w.put_tag(layers, w.tag);
  const ImageReport report = w.judge();
  CHECK(reason(report) == "accepted");
  CHECK(report.findings.size() < 5);
  CHECK(report.candidates == 71);

  // Of any type: all but signatures come first.
  World any;
  any.policy.content.predicate_type = "";
  for (int i = 0; i < 40; ++i) {
    any.attach(any.key, formats::write_image_signature_statement(any.image.digest, {}),
               formats::image_signature_predicate);
  }
  any.attach(any.key, any.statement(scan), scan);
  const ImageReport first = any.judge();
  CHECK(first.findings.at(first.accepted_finding).evidence()->statement->predicate_type == scan);
}

TEST_CASE("a tag for attestations that could not be had is no refusal", "[attestations][XP-10]") {
  World w;
  w.repository.tag_failure = Error{Code::network_timeout, "too slow", ""};
  CHECK(w.judge().decision == Decision::undecided);
  w.attach(w.key, w.statement(provenance), provenance);
  CHECK(reason(w.judge()) == "accepted");
}

TEST_CASE("envelopes as a referrer's layers are found as well", "[attestations]") {
  World w;
  const std::string layers = w.layer(w.key, w.statement(provenance), provenance);
  const auto config = MemoryRepository::describe(formats::media_type::oci_empty, as_bytes("{}"));
  auto entry = w.repository.put(
      formats::media_type::oci_manifest,
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
      R"("artifactType":"application/vnd.in-toto+json","config":)" +
          MemoryRepository::json(config) + R"(,"layers":[)" + layers + R"(],"subject":)" +
          MemoryRepository::json(w.image) + "}");
  entry.artifact_type = "application/vnd.in-toto+json";
  w.repository.lists[w.image.digest.to_string()] = {entry};
  CHECK(reason(w.judge()) == "accepted");
  w.policy.content = {};
  const ImageReport report = w.judge();
  CHECK(reason(report) == "evidence.none");
  CHECK(report.other_referrers == 1);
}

TEST_CASE("an envelope nested in a predicate is no verdict", "[attestations][ATT-19]") {
  World w;
  const std::string inner = test::bundle(w.key, w.statement(provenance));
  w.attach(w.key, formats::write_statement(w.image.digest, "", scan, inner), scan);
  CHECK(reason(w.judge()) == "binding.type");
  // Nor is a statement that nobody signed.
  World other;
  other.repository.attach_bundle(other.image, other.statement(provenance));
  CHECK(reason(other.judge()) == "format.bundle");
}

}  // namespace touchstone::verify
