// Signatures under cosign's tag, from a repository to a verdict.
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

struct World {
  test::FixedClock clock;
  MemoryRepository repository;
  PrivateKey key = PrivateKey::generate(KeyKind::p256);
  PrivateKey stranger = PrivateKey::generate(KeyKind::p256);
  formats::Descriptor image = repository.put_image("app");
  Demand demand{{signer(key)}, {}};
  std::string tag = *oci::signatures_tag(image.digest);

  std::string payload(const std::map<std::string, std::string>& notes = {}) const {
    return formats::write_simple_signing(image.digest, "registry.example/app", notes);
  }
  std::string bundle(const PrivateKey& by) const {
    return test::bundle(by, formats::write_image_signature_statement(image.digest, {}));
  }
  // A layer as a manifest lists it; its payload can be fetched.
  std::string layer(const PrivateKey& by, const std::string& text) {
    const auto made = test::simple_signing_layer(by, text);
    repository.put(formats::media_type::simple_signing, text);
    std::string json = MemoryRepository::json(made.descriptor);
    json.pop_back();
    return json + R"(,"annotations":{")" + std::string(formats::signature_annotation) + R"(":")" +
           made.descriptor.annotations.at(std::string(formats::signature_annotation)) + "\"}}";
  }
  static std::string manifest(const std::vector<std::string>& layers,
                              const std::string& more = "") {
    const auto config =
        MemoryRepository::describe("application/vnd.oci.image.config.v1+json", as_bytes("{}"));
    std::string text =
        R"({"schemaVersion":2,"config":)" + MemoryRepository::json(config) + R"(,"layers":[)";
    for (const auto& one : layers) text += (text.ends_with('[') ? "" : ",") + one;
    return text + "]" + more + "}";
  }
  void put_tag(const std::string& text) {
    repository.tags[tag] =
        repository.put(formats::media_type::oci_manifest, text).digest.to_string();
  }
  ImageReport judge() {
    const auto reference = Reference::parse("registry.example/app@" + image.digest.to_string());
    REQUIRE(reference);
    return verify_image(repository, *reference, demand, {}, clock);
  }
};

std::string reason(const ImageReport& report) {
  return report.reason ? std::string(slug(report.reason->code)) : "accepted";
}

const Error unreachable{Code::network_timeout, "too slow", ""};

}  // namespace

TEST_CASE("a signature under the tag is accepted, and its form told", "[tagged]") {
  World w;
  w.put_tag(World::manifest({w.layer(w.stranger, w.payload()), w.layer(w.key, w.payload())}));
  const ImageReport report = w.judge();
  REQUIRE(report.decision == Decision::accepted);
  CHECK(report.candidates == 2);
  CHECK(report.findings.at(report.accepted_finding).format == SignatureFormat::cosign);
  CHECK(report.findings.at(1).origin == w.repository.tags[w.tag] + " layer 1");
  const std::string json = to_json({report}, w.demand, w.clock.now());
  CHECK(json.find(R"("format":"cosign","verified":true)") != std::string::npos);
  CHECK(describe(report, w.demand).at(1).find("(format cosign)") != std::string::npos);
}

TEST_CASE("annotations under the tag are those that were signed", "[tagged]") {
  World w;
  w.put_tag(World::manifest({w.layer(w.key, w.payload({{"env", "prod"}}))}));
  w.demand.annotations = {{"env", "prod"}};
  CHECK(reason(w.judge()) == "accepted");
  w.demand.annotations = {{"env", "test"}};
  CHECK(reason(w.judge()) == "binding.annotation");
}

TEST_CASE("either form is enough, whatever the other says", "[tagged]") {
  World w;
  SECTION("a good bundle beside a stranger's layer") {
    w.repository.attach_bundle(w.image, w.bundle(w.key));
    w.put_tag(World::manifest({w.layer(w.stranger, w.payload())}));
    const ImageReport report = w.judge();
    CHECK(reason(report) == "accepted");
    CHECK(report.findings.at(report.accepted_finding).format == SignatureFormat::sigstore);
  }
  SECTION("a good layer beside a stranger's bundles") {
    for (int i = 0; i < 50; ++i) w.repository.attach_bundle(w.image, w.bundle(w.stranger));
    w.put_tag(World::manifest({w.layer(w.key, w.payload())}));
    CHECK(reason(w.judge()) == "accepted");
  }
  SECTION("a good bundle, and a tag that could not be had") {
    w.repository.attach_bundle(w.image, w.bundle(w.key));
    w.repository.tag_failure = unreachable;
    CHECK(reason(w.judge()) == "accepted");
  }
  SECTION("a good layer, and a list that could not be had") {
    w.repository.list_failure = unreachable;
    w.put_tag(World::manifest({w.layer(w.key, w.payload())}));
    CHECK(reason(w.judge()) == "accepted");
  }
}

TEST_CASE("a tag that could not be had makes an image undecided", "[tagged]") {
  World w;
  w.repository.tag_failure = unreachable;
  CHECK(reason(w.judge()) == "network.timeout");
  CHECK(w.judge().decision == Decision::undecided);
  w.repository.attach_bundle(w.image, w.bundle(w.stranger));
  CHECK(w.judge().decision == Decision::undecided);
}

TEST_CASE("a payload that could not be had makes an image undecided", "[tagged][SIG-04]") {
  World w;
  w.put_tag(World::manifest({w.layer(w.key, w.payload())}));
  const std::string payload = crypto::digest_of(as_bytes(w.payload())).to_string();
  SECTION("not fetched") {
    w.repository.failures.emplace(payload, unreachable);
    CHECK(reason(w.judge()) == "network.timeout");
  }
  SECTION("not what its descriptor says") {
    w.repository.content[payload] = to_bytes("something else");
    CHECK(reason(w.judge()) == "digest.mismatch");
  }
  CHECK(w.judge().decision == Decision::undecided);
}

TEST_CASE("what lies under the tag and is no good signature is refused", "[tagged]") {
  World w;
  struct Row {
    const char* why;
    const char* code;
    std::function<std::string()> manifest;
  };
  const Digest other = crypto::digest_of(as_bytes("other"));
  const auto unsigned_layer = [&](const std::string& annotations) {
    std::string json =
        MemoryRepository::json(w.repository.put(formats::media_type::simple_signing, w.payload()));
    json.pop_back();
    return json + annotations + "}";
  };
  const std::vector<Row> rows = {
      {"no JSON", "format.referrer", [] { return "{"; }},
      {"an index", "format.referrer", [] { return R"({"schemaVersion":2,"manifests":[]})"; }},
      {"no layers", "evidence.none", [&] { return World::manifest({}); }},
      {"layers of an image", "evidence.none",
       [&] {
         return World::manifest({MemoryRepository::json(
             w.repository.put("application/vnd.oci.image.layer.v1.tar", w.payload()))});
       }},
      {"no annotation (SIG-01)", "format.signature",
       [&] { return World::manifest({unsigned_layer("")}); }},
      {"an empty signature (SIG-01)", "format.signature",
       [&] {
         return World::manifest({unsigned_layer(
             R"(,"annotations":{")" + std::string(formats::signature_annotation) + R"(":""})")});
       }},
      {"by a stranger", "signature.invalid",
       [&] { return World::manifest({w.layer(w.stranger, w.payload())}); }},
      {"for another image (REG-40)", "binding.digest",
       [&] {
         return World::manifest({w.layer(w.key, formats::write_simple_signing(other, "", {}))});
       }},
      {"nested past the limit, well signed", "format.payload",
       [&] { return World::manifest({w.layer(w.key, std::string(100, '['))}); }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    w.put_tag(row.manifest());
    const ImageReport report = w.judge();
    CHECK(report.decision == Decision::refused);
    CHECK(reason(report) == row.code);
  }
}

TEST_CASE("more layers than are looked at make an image undecided", "[tagged][REG-33]") {
  World w;
  const std::string junk = w.layer(w.stranger, w.payload());
  const auto with_junk = [&](std::size_t count) {
    std::vector<std::string> layers(count, junk);
    layers.push_back(w.layer(w.key, w.payload()));
    w.put_tag(World::manifest(layers));
    return w.judge();
  };
  CHECK(reason(with_junk(300)) == "accepted");
  CHECK(reason(with_junk(limits::max_candidates - 1)) == "accepted");
  CHECK(reason(with_junk(limits::max_candidates)) == "limit.candidates");
  CHECK(reason(with_junk(10'000)) == "limit.count");
  CHECK(with_junk(10'000).decision == Decision::undecided);
  w.repository.attach_bundle(w.image, w.bundle(w.key));
  CHECK(reason(w.judge()) == "accepted");
}

TEST_CASE("a payload over its limit is not fetched", "[tagged]") {
  World w;
  std::string huge = w.layer(w.key, w.payload());
  const std::string size = R"("size":)" + std::to_string(w.payload().size());
  huge.replace(huge.find(size), size.size(),
               R"("size":)" + std::to_string(limits::max_simple_signing_bytes + 1));
  w.put_tag(World::manifest({huge}));
  const std::size_t before = w.repository.fetched;
  CHECK(reason(w.judge()) == "limit.size");
  CHECK(w.repository.fetched == before + 2);  // the image, and what stands under the tag
}

TEST_CASE("layers of a referrer of cosign's own type are looked at", "[tagged]") {
  World w;
  const std::string type(formats::media_type::cosign_signature);
  const auto list = [&](const PrivateKey& by, const formats::Descriptor& subject) {
    const std::string more =
        R"(,"artifactType":")" + type + R"(","subject":)" + MemoryRepository::json(subject);
    const auto layers = {w.layer(w.stranger, w.payload()), w.layer(by, w.payload())};
    formats::Descriptor entry =
        w.repository.put(formats::media_type::oci_manifest, World::manifest(layers, more));
    entry.artifact_type = type;
    w.repository.lists[w.image.digest.to_string()] = {entry};
  };
  list(w.key, w.image);
  CHECK(reason(w.judge()) == "accepted");
  list(w.key, w.repository.put_image("other"));
  CHECK(reason(w.judge()) == "binding.subject");
  list(w.stranger, w.image);
  CHECK(reason(w.judge()) == "signature.invalid");
}

}  // namespace touchstone::verify
