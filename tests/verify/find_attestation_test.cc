// That a signing key is attested to be in hardware: by what is kept with it, and by what is
// attached to the image.
#include "verify/find_attestation.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/memory_repository.h"
#include "tests/support/pretend_maker.h"
#include "tests/support/signing.h"
#include "verify/verify_image.h"

namespace touchstone::verify {
namespace {

using crypto::PrivateKey;
using test::AttestationText;
using test::Entity;
using test::MemoryRepository;
using test::PretendMaker;
using test::signer;

const Error unreachable{Code::network_timeout, "too slow", ""};

// An image signed by an attested key.
struct World {
  test::FixedClock clock;
  MemoryRepository repository;
  PretendMaker maker;
  Entity attested = maker.attest();
  PrivateKey key = attested.private_key();
  formats::Descriptor image = repository.put_image("app");
  Demand demand{{signer(key)}, {}};
  VerifyOptions options;

  World() {
    const auto statement = formats::write_image_signature_statement(image.digest, {});
    repository.attach_bundle(image, test::bundle(key, statement));
    ask("");
    demand.vendors = {maker.vendor()};
  }

  void ask(const char* hardware) {
    const auto parsed = HardwareDemand::parse(hardware);
    REQUIRE(parsed);
    demand.hardware = *parsed;
  }
  std::string pem(const Entity& attestation) const {
    return attestation.pem() + maker.device.pem();
  }
  // The listed referrer.
  formats::Descriptor attach(const std::string& text, std::size_t layers = 1,
                             std::string_view layer_type = key_attestation_layer,
                             const formats::Descriptor* subject = nullptr) {
    const auto layer = repository.put(layer_type, text);
    auto entry = repository.put(
        formats::media_type::oci_manifest,
        MemoryRepository::manifest_text(key_attestation_type, "", std::vector(layers, layer),
                                        subject == nullptr ? &image : subject));
    entry.artifact_type = key_attestation_type;
    repository.lists[image.digest.to_string()].push_back(entry);
    return entry;
  }
  void keep(const Entity& attestation) {
    demand.signers.front().trusted.attestation = maker.chain(attestation);
  }
  ImageReport judge() {
    const auto reference = Reference::parse("registry.example/app@" + image.digest.to_string());
    REQUIRE(reference);
    return verify_image(repository, *reference, demand, options, clock);
  }
  Code reason() {
    const ImageReport report = judge();
    REQUIRE(report.decision == Decision::refused);
    return report.reason->code;
  }
};

TEST_CASE("a key that nothing attests is refused where hardware is asked for",
          "[hardware][HW-16]") {
  World w;
  CHECK(w.reason() == Code::hardware_missing);
  w.demand.hardware.reset();
  CHECK(w.judge().decision == Decision::accepted);
}

TEST_CASE("a key is attested by what is kept with it", "[hardware]") {
  World w;
  w.keep(w.attested);
  const ImageReport report = w.judge();
  REQUIRE(report.decision == Decision::accepted);
  const auto& hardware = report.findings.front().evidence()->hardware;
  REQUIRE(hardware);
  CHECK((*hardware)->vendor == "pretend");
  CHECK(w.repository.lists_asked == 1);
}

TEST_CASE("a key is attested by what is attached to the image", "[hardware]") {
  World w;
  w.attach(w.pem(w.attested));
  CHECK(w.judge().decision == Decision::accepted);
}

TEST_CASE("a key is attested by what is given by hand", "[hardware]") {
  World w;
  const Entity other = w.maker.attest();
  w.demand.attestations = {w.maker.chain(other)};
  CHECK(w.reason() == Code::hardware_other_key);
  w.demand.attestations.push_back(w.maker.chain(w.attested));
  CHECK(w.judge().decision == Decision::accepted);
  w.options.detached = Candidate{
      "file",
      to_bytes(test::bundle(w.key, formats::write_image_signature_statement(w.image.digest, {})))};
  CHECK(w.judge().decision == Decision::accepted);
  // Judged like any other: by its maker, and by what it says.
  w.ask("serial=1");
  CHECK(w.reason() == Code::hardware_serial);
  w.ask("");
  w.demand.vendors = {PretendMaker().vendor()};
  CHECK(w.reason() == Code::hardware_signature);
}

TEST_CASE("an attestation is found in lists that do not name its type", "[hardware]") {
  World w;
  w.attach(w.pem(w.attested));
  auto& listed = w.repository.lists[w.image.digest.to_string()].back().artifact_type;
  listed = "";
  CHECK(w.judge().decision == Decision::accepted);
  listed = formats::media_type::oci_empty;
  CHECK(w.judge().decision == Decision::accepted);
  listed = "application/vnd.example.sbom";
  CHECK(w.reason() == Code::hardware_missing);
}

TEST_CASE("an attestation says itself that it is one", "[hardware]") {
  World w;
  const auto layer = w.repository.put(key_attestation_layer, w.pem(w.attested));
  auto entry = w.repository.put(
      formats::media_type::oci_manifest,
      MemoryRepository::manifest_text("application/vnd.example", "", {layer}, &w.image));
  entry.artifact_type = key_attestation_type;
  w.repository.lists[w.image.digest.to_string()].push_back(entry);
  CHECK(w.reason() == Code::hardware_missing);
}

TEST_CASE("an attestation under nobody who counts is refused", "[hardware]") {
  World w;
  w.keep(w.attested);
  w.demand.vendors.clear();
  CHECK(w.reason() == Code::hardware_untrusted);
  w.demand.vendors = {PretendMaker().vendor()};
  CHECK(w.reason() == Code::hardware_signature);
}

TEST_CASE("an attestation of another key is refused", "[hardware]") {
  World w;
  w.attach(w.pem(w.maker.attest()));
  CHECK(w.reason() == Code::hardware_other_key);
  w.attach(w.pem(w.attested));
  CHECK(w.judge().decision == Decision::accepted);
}

TEST_CASE("what the attestation says is compared with the demand", "[hardware]") {
  World w;
  w.keep(w.attested);
  w.ask("touch,pin,fips,firmware>=5.7.0,serial=2767692,vendor=pretend");
  CHECK(w.judge().decision == Decision::accepted);
  w.ask("serial=1");
  CHECK(w.reason() == Code::hardware_serial);
  w.ask("firmware>=5.7.2");
  CHECK(w.reason() == Code::hardware_firmware);
}

TEST_CASE("of several attestations the one that fits counts", "[hardware]") {
  World w;
  w.ask("touch");
  const auto careless = AttestationText().with("8", "0201").certificate();
  const Entity weaker = issue(careless, &w.maker.device, &w.attested);
  w.keep(weaker);
  CHECK(w.reason() == Code::hardware_touch);
  w.attach(w.pem(w.attested));
  CHECK(w.judge().decision == Decision::accepted);
}

TEST_CASE("an attestation that could not be had leaves the image undecided", "[hardware]") {
  World w;
  const auto entry = w.attach(w.pem(w.attested));
  w.repository.failures.emplace(entry.digest.to_string(), unreachable);
  const ImageReport report = w.judge();
  CHECK(report.decision == Decision::undecided);
  CHECK(report.reason->code == Code::network_timeout);

  // Also where another is there, and does not do.
  w.ask("touch");
  const auto careless = AttestationText().with("8", "0201").certificate();
  w.keep(issue(careless, &w.maker.device, &w.attested));
  CHECK(w.judge().decision == Decision::undecided);
  w.keep(w.attested);
  CHECK(w.judge().decision == Decision::accepted);
}

TEST_CASE("an attestation whose bytes could not be had leaves the image undecided", "[hardware]") {
  World w;
  w.attach(w.pem(w.attested));
  const auto layer = crypto::digest_of(as_bytes(w.pem(w.attested)));
  w.repository.failures.emplace(layer.to_string(), unreachable);
  CHECK(w.judge().decision == Decision::undecided);
}

TEST_CASE("what is attached and is no attestation counts for nothing", "[hardware]") {
  World w;
  const auto other = w.repository.put_image("other");
  const std::string text = w.pem(w.attested);
  w.attach("no PEM");
  w.attach(text, 2);
  w.attach(text, 1, "text/plain");
  w.attach(text, 1, key_attestation_layer, &other);
  w.attach(text + std::string(limits::max_attestation_bytes, '\n'));
  CHECK(w.reason() == Code::hardware_missing);
  w.attach(text);
  CHECK(w.judge().decision == Decision::accepted);
}

TEST_CASE("a referrer without subject, or an index, is no attestation", "[hardware]") {
  World w;
  const auto layer = w.repository.put(key_attestation_layer, w.pem(w.attested));
  for (const std::string& text :
       {MemoryRepository::manifest_text(key_attestation_type, "", {layer}, nullptr),
        R"({"schemaVersion":2,"mediaType":")" + std::string(formats::media_type::oci_index) +
            R"(","manifests":[]})"}) {
    auto entry = w.repository.put(formats::media_type::oci_manifest, text);
    entry.artifact_type = key_attestation_type;
    w.repository.lists[w.image.digest.to_string()].push_back(entry);
  }
  CHECK(w.reason() == Code::hardware_missing);
}

TEST_CASE("an attestation of the right key says more than others", "[hardware]") {
  World w;
  w.demand.vendors.clear();
  w.attach(w.pem(w.maker.attest()));
  w.attach(w.pem(w.attested));
  w.attach(w.pem(w.maker.attest()));
  CHECK(w.reason() == Code::hardware_untrusted);
}

TEST_CASE("a manifest of an attestation that is malformed stays so", "[hardware]") {
  World w;
  auto entry = w.repository.put(formats::media_type::oci_manifest, "{}");
  entry.artifact_type = key_attestation_type;
  w.repository.lists[w.image.digest.to_string()].push_back(entry);
  CHECK(w.reason() == Code::hardware_missing);
}

TEST_CASE("attestations are looked at up to a limit", "[hardware]") {
  World w;
  for (std::size_t i = 0; i < limits::max_key_attestations; ++i) {
    w.attach("junk " + std::to_string(i));
  }
  CHECK(w.reason() == Code::hardware_missing);
  w.attach(w.pem(w.attested));
  const ImageReport report = w.judge();
  CHECK(report.decision == Decision::undecided);
  CHECK(report.reason->code == Code::limit_candidates);
}

TEST_CASE("attestations cost nothing where none is asked for", "[hardware]") {
  World w;
  w.attach(w.pem(w.attested));
  w.demand.hardware.reset();
  CHECK(w.judge().decision == Decision::accepted);
  const std::size_t without = w.repository.fetched;
  World again;
  again.attach(again.pem(again.attested));
  CHECK(again.judge().decision == Decision::accepted);
  CHECK(again.repository.fetched == without + 2);
}

TEST_CASE("the decision looks at key and demand itself", "[hardware][decide]") {
  World w;
  w.ask("touch");
  const auto judged = [&](const Entity& attestation) {
    return judge_attestation(w.maker.chain(attestation), w.demand.vendors, w.clock.now());
  };
  const auto decided = [&](std::optional<Result<AttestedKey>> hardware) {
    Evidence evidence{signer(w.key), Scheme::ecdsa_sha256, {}};
    evidence.hardware = std::move(hardware);
    const std::vector<Finding> findings = {{"", std::move(evidence)}};
    return decide(w.demand, findings, w.clock.now());
  };
  CHECK(decided(judged(w.attested)).allow);
  CHECK(decided(std::nullopt).code == Code::hardware_missing);
  CHECK(decided(judged(w.maker.attest())).code == Code::hardware_other_key);
  const auto careless = AttestationText().with("8", "0201").certificate();
  CHECK(decided(judged(issue(careless, &w.maker.device, &w.attested))).code ==
        Code::hardware_touch);
  CHECK(decided(Result<AttestedKey>(Error{Code::hardware_time, "", ""})).code ==
        Code::hardware_time);
}

}  // namespace
}  // namespace touchstone::verify
