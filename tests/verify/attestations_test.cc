// Attestations, from a repository to a verdict.
#include <catch2/catch.hpp>

#include "base/limits.h"
#include "tests/support/fixed_clock.h"
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

struct World {
  test::FixedClock clock;
  MemoryRepository repository;
  PrivateKey key = PrivateKey::generate(KeyKind::p256);
  PrivateKey stranger = PrivateKey::generate(KeyKind::p256);
  formats::Descriptor image = repository.put_image("app");
  Demand demand{{signer(key)},
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
    return layer(envelope(payload, formats::in_toto_payload_type,
                          test::signed_encoding(by, formats::in_toto_payload_type, payload)),
                 says);
  }
  std::string layer(const std::string& text, std::string_view says) {
    std::string json =
        MemoryRepository::json(repository.put(formats::media_type::dsse_envelope, text));
    json.pop_back();
    return json + R"(,"annotations":{"dev.cosignproject.cosign/signature":"","predicateType":")" +
           std::string(says) + "\"}}";
  }
  static std::string envelope(const std::string& payload, std::string_view type,
                              const Bytes& signature) {
    return R"({"payloadType":")" + std::string(type) + R"(","payload":")" +
           to_base64(as_bytes(payload)) + R"(","signatures":[{"keyid":"","sig":")" +
           to_base64(signature) + "\"}]}";
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
    return verify_image(repository, *reference, demand, {}, clock);
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
  CHECK(describe(report, w.demand).back() ==
        "  attestation of type \"" + std::string(provenance) + "\"");
  const std::string json = to_json({report}, w.demand, w.clock.now());
  CHECK(json.contains(R"("statement":{"predicateType":"https://slsa.dev/provenance/v1",)"
                      R"("predicate":{"a":[1]}})"));
  w.demand.content.predicate_type = "";
  CHECK(reason(w.judge()) == "accepted");
}

TEST_CASE("one tag is asked for: that of what is wanted", "[attestations]") {
  World w;
  const std::string envelope = w.layer(w.key, w.statement(provenance), provenance);
  w.put_tag({envelope}, *oci::signatures_tag(w.image.digest));
  CHECK(reason(w.judge()) == "evidence.none");
  w.demand.content = {};
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
  const auto lines = describe(report, w.demand);
  CHECK(lines.at(lines.size() - 2) == "hint: `touchstone attest` makes one");
  CHECK(to_json({report}, w.demand, w.clock.now()).contains(R"("statement":null)"));
}

TEST_CASE("a signature of the image is an attestation of its own type alone", "[attestations]") {
  World w;
  w.attach(w.key, formats::write_image_signature_statement(w.image.digest, {}),
           formats::image_signature_predicate);
  CHECK(reason(w.judge()) == "binding.type");
  w.demand.content = {};
  CHECK(reason(w.judge()) == "accepted");
}

TEST_CASE("without any attestation the refusal says which is missing", "[attestations]") {
  World w;
  const ImageReport report = w.judge();
  CHECK(reason(report) == "evidence.none");
  CHECK(report.reason->message ==
        "no attestation of type \"https://slsa.dev/provenance/v1\" is attached");
  w.demand.content.predicate_type = "";
  CHECK(w.judge().reason->message == "no attestation is attached");
  w.demand.content = {};
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
  any.demand.content.predicate_type = "";
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
  w.demand.content = {};
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

TEST_CASE("what is signed and no statement about the image does not do, in either form",
          "[attestations][ATT-01][ATT-03][ATT-05][ATT-07][ATT-08][ATT-09]") {
  World w;
  const std::string good = w.statement(provenance);
  const std::string right = R"("digest":{"sha256":")" + w.image.digest.hex() + "\"}";
  const auto with = [&](std::string_view part, std::string_view instead) {
    std::string changed = good;
    const std::size_t at = changed.find(part);
    REQUIRE(at != changed.npos);
    return changed.replace(at, part.size(), instead);
  };
  const std::string other = w.repository.put_image("other").digest.hex();
  const std::string sha1(40, '0');
  struct Row {
    const char* why;
    const char* code;
    std::string payload;
    std::string_view type = formats::in_toto_payload_type;
    bool encoded = true;  // signed as DSSE says
  };
  const std::vector<Row> rows = {
      {"unchanged", "accepted", good},
      {"ATT-01 signed without its type", "signature.invalid", good, formats::in_toto_payload_type,
       false},
      {"ATT-03 another payload type", "binding.payload", good, "application/json"},
      {"ATT-03 a policy", "binding.payload", "{}", "application/vnd.cncf.notary.policy+json"},
      {"ATT-05 no JSON", "format.statement", "statement"},
      {"ATT-05 cut", "format.statement", good.substr(0, good.size() - 1)},
      {"ATT-05 of another kind", "format.statement", with("Statement/v1", "Layout/v1")},
      {"ATT-05 of no kind", "format.statement", with(R"("_type":)", R"("type":)")},
      {"ATT-07 the name alone", "binding.digest",
       with(right, R"("digest":{"sha256":")" + other + "\"}")},
      {"ATT-07 by a weak algorithm", "binding.digest",
       with(right, R"("digest":{"sha1":")" + sha1 + "\"}")},
      {"ATT-08 one right, one wrong", "binding.digest",
       with(right, R"("digest":{"sha1":")" + sha1 + R"(","sha256":")" + other + "\"}")},
      {"ATT-08 a wrong one beside the right", "binding.digest",
       with(right, right.substr(0, right.size() - 1) + R"(,"sha512":"00"})")},
      {"ATT-09 without digests", "binding.digest", with(right, R"("digest":{})")},
      {"ATT-09 without a digest set", "binding.digest", with("," + right, "")},
      {"ATT-09 about nothing", "format.statement", formats::to_text([&] {
         formats::Json none = *formats::parse_json(as_bytes(good), good.size());
         none.set("subject", formats::Json(formats::Json::Array()));
         return none;
       }())},
  };
  for (const Row& row : rows) {
    const Bytes signature =
        row.encoded ? test::signed_encoding(w.key, row.type, row.payload)
                    : *w.key.sign(w.key.public_key().signing_scheme(), as_bytes(row.payload));
    for (const bool bundled : {true, false}) {
      CAPTURE(row.why, row.payload, bundled);
      w.repository.lists.clear();
      w.repository.tags.clear();
      if (bundled) {
        w.repository.attach_bundle(
            w.image, formats::write_bundle("", row.type, to_bytes(row.payload), signature));
      } else {
        w.put_tag({w.layer(World::envelope(row.payload, row.type, signature), provenance)}, w.tag);
      }
      CHECK(reason(w.judge()) == row.code);
    }
  }
}

TEST_CASE("an attestation of 200 MiB is not fetched, and one over 16 MiB does not count",
          "[attestations][ATT-18]") {
  World w;
  formats::Descriptor huge = w.repository.put(formats::media_type::dsse_envelope, "x");
  huge.size = 200 << 20;
  w.put_tag({MemoryRepository::json(huge)}, w.tag);
  const ImageReport report = w.judge();
  CHECK(reason(report) == "limit.size");
  CHECK(report.decision == Decision::undecided);
  CHECK(w.repository.fetched == 2);  // the image and what lies under the tag
  w.repository.tags.clear();

  const std::string more(limits::max_bundle_bytes, ' ');
  SECTION("a bundle") {
    w.repository.attach_bundle(w.image, test::bundle(w.key, w.statement(provenance)) + more);
    CHECK(reason(w.judge()) == "format.bundle");
  }
  SECTION("an envelope") {
    const std::string good = World::envelope(
        w.statement(provenance), formats::in_toto_payload_type,
        test::signed_encoding(w.key, formats::in_toto_payload_type, w.statement(provenance)));
    w.put_tag({w.layer(good + more, provenance)}, w.tag);
    CHECK(reason(w.judge()) == "format.payload");
  }
}

TEST_CASE("an attestation of 5 GiB is not fetched, whatever 32 bits would make of its size",
          "[attestations][SIG-33]") {
  World w;
  const std::string good = test::bundle(w.key, w.statement(provenance));
  const std::uint64_t beyond = std::uint64_t{1} << 32;
  const std::uint64_t size = GENERATE_COPY(5 * (beyond / 4), beyond + good.size());
  CAPTURE(size);
  formats::Descriptor huge = w.repository.put(formats::media_type::bundle_v03, good);
  huge.size = size;
  formats::Descriptor entry = w.repository.put(
      formats::media_type::oci_manifest,
      MemoryRepository::manifest_text(formats::media_type::bundle_v03, "", {huge}, &w.image));
  entry.artifact_type = formats::media_type::bundle_v03;
  w.repository.lists[w.image.digest.to_string()].push_back(entry);
  const ImageReport report = w.judge();
  CHECK(reason(report) == "limit.size");
  CHECK(report.decision == Decision::undecided);
  CHECK(w.repository.fetched == 2);  // the image and the manifest of what is attached
}

TEST_CASE("a statement without any signature is no attestation", "[attestations][ATT-20]") {
  World w;
  const std::string statement = w.statement(provenance);
  const std::string unsigned_envelope =
      R"({"payloadType":"application/vnd.in-toto+json","payload":")" +
      to_base64(as_bytes(statement)) + R"(","signatures":[]})";
  std::string bundle = test::bundle(w.key, statement);
  const std::size_t at = bundle.find(R"("signatures":[)") + 14;
  bundle.erase(at, bundle.find(']', at) - at);
  for (const std::string& text : {statement, unsigned_envelope, bundle}) {
    CAPTURE(text);
    w.repository.lists.clear();
    w.repository.tags.clear();
    w.repository.attach_bundle(w.image, text);
    CHECK(reason(w.judge()) == "format.bundle");
    w.repository.lists.clear();
    w.put_tag({w.layer(text, provenance)}, w.tag);
    CHECK(reason(w.judge()) == "format.signature");
  }
}

}  // namespace touchstone::verify
