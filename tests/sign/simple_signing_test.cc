#include "sign/simple_signing.h"

#include <catch2/catch.hpp>

#include "base/encoding.h"
#include "base/limits.h"
#include "formats/json_fields.h"
#include "formats/simple_signing.h"
#include "sign/signature_manifest.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/memory_device.h"
#include "tests/support/memory_repository.h"
#include "verify/verify_image.h"

namespace touchstone::sign {
namespace {

using crypto::KeyKind;
using test::MemoryDevice;
using test::MemoryRepository;

struct World {
  MemoryRepository repository;
  formats::Descriptor image = repository.put_image("app");
  Target target{&repository, image, "registry.example/app@x"};
  std::string tag = *oci::signatures_tag(image.digest);

  SimpleSignature signed_by(MemoryDevice& device,
                            const std::map<std::string, std::string>& notes = {}) {
    const auto made = sign_simple(device, device.key(), image, "registry.example/app", notes);
    REQUIRE(made);
    return *made;
  }
  verify::Decision judge(const crypto::PublicKey& key) {
    const verify::Demand demand{{{trust::TrustedKey{key, "", {}, {}, ""}, "key"}}, {}};
    const auto reference = Reference::parse("registry.example/app@" + image.digest.to_string());
    const test::FixedClock clock;
    return verify::verify_image(repository, *reference, demand, {}, clock).decision;
  }
  std::string tagged() { return std::string(as_text(repository.content[repository.tags[tag]])); }
  void put_tag(const std::string& text) {
    repository.tags[tag] =
        repository.put(formats::media_type::oci_manifest, text).digest.to_string();
  }
};

std::string slug_of(const Status& status) {
  return status ? "ok" : std::string(slug(status.error().code));
}

formats::Descriptor layer(const std::string& payload, const std::string& signature) {
  auto made = MemoryRepository::describe(formats::media_type::simple_signing, as_bytes(payload));
  made.annotations[std::string(formats::signature_annotation)] = signature;
  return made;
}

}  // namespace

TEST_CASE("what is signed in cosign's form is what verify accepts", "[simple_signing]") {
  World w;
  MemoryDevice device(
      GENERATE(KeyKind::p256, KeyKind::p384, KeyKind::p521, KeyKind::rsa, KeyKind::ed25519));
  CHECK(w.judge(device.key()) == verify::Decision::refused);
  REQUIRE(attach_tagged(w.target, w.signed_by(device)));
  CHECK(device.signatures == 1);
  CHECK(device.last_scheme != Scheme::ecdsa_sha384);  // SHA-256 whatever the key
  CHECK(device.last_scheme != Scheme::ecdsa_sha512);
  CHECK(w.judge(device.key()) == verify::Decision::accepted);
}

TEST_CASE("the payload and its manifest are as cosign writes them", "[simple_signing]") {
  World w;
  MemoryDevice device(KeyKind::ed25519);
  const auto made = w.signed_by(device, {{"env", "prod"}});
  CHECK(as_text(made.payload) ==
        R"({"critical":{"identity":{"docker-reference":"registry.example/app"},)"
        R"("image":{"docker-manifest-digest":")" +
            w.image.digest.to_string() +
            R"("},"type":"cosign container image signature"},"optional":{"env":"prod"}})");
  REQUIRE(attach_tagged(w.target, made));
  const std::string payload = crypto::digest_of(made.payload).to_string();
  const std::string config =
      R"({"architecture":"","created":"0001-01-01T00:00:00Z","history":[{"created":)"
      R"("0001-01-01T00:00:00Z"}],"os":"",)"
      R"("rootfs":{"type":"layers","diff_ids":[")" +
      payload + R"("]},"config":{}})";
  const Digest config_digest = crypto::digest_of(as_bytes(config));
  CHECK(w.repository.content.contains(config_digest.to_string()));
  CHECK(w.tagged() ==
        R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
        R"("config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":)" +
            std::to_string(config.size()) + R"(,"digest":")" + config_digest.to_string() +
            R"("},"layers":[{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json",)"
            R"("size":)" +
            std::to_string(made.payload.size()) + R"(,"digest":")" + payload +
            R"(","annotations":{"dev.cosignproject.cosign/signature":")" +
            to_base64(made.signature) + R"("}}]})");
}

TEST_CASE("a signature in cosign's form that does not verify goes no further", "[simple_signing]") {
  World w;
  MemoryDevice device;
  device.spoil = true;
  const auto made = sign_simple(device, device.key(), w.image, "x", {});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Code::device_signature);
  MemoryDevice swapped;
  CHECK(sign_simple(swapped, device.key(), w.image, "x", {}).error().code ==
        Code::device_signature);
}

TEST_CASE("signatures are added, and the same one only once", "[simple_signing]") {
  World w;
  MemoryDevice first(KeyKind::ed25519);
  MemoryDevice second(KeyKind::ed25519);
  for (MemoryDevice* device : {&first, &second, &first, &second}) {
    REQUIRE(attach_tagged(w.target, w.signed_by(*device)));
  }
  const auto manifest = formats::Manifest::parse(as_bytes(w.tagged()), "");
  REQUIRE(manifest);
  CHECK(manifest->image()->layers.size() == 2);
  CHECK(w.judge(first.key()) == verify::Decision::accepted);
  CHECK(w.judge(second.key()) == verify::Decision::accepted);
}

TEST_CASE("the tag is written last", "[simple_signing]") {
  World w;
  MemoryDevice device;
  REQUIRE(attach_tagged(w.target, w.signed_by(device)));
  REQUIRE(w.repository.log.size() == 3);
  CHECK(w.repository.log[0].starts_with("blob "));
  CHECK(w.repository.log[1].starts_with("blob "));
  CHECK(w.repository.log[2] == "tag " + w.tag);
}

TEST_CASE("a push that fails before the end leaves no tag", "[simple_signing]") {
  World w;
  MemoryDevice device;
  const auto made = w.signed_by(device);
  REQUIRE(attach_tagged(w.target, made));
  for (const std::string& pushed : {w.repository.log[0], w.repository.log[1]}) {
    CAPTURE(pushed);
    World other;
    const std::string digest = pushed.substr(pushed.find("sha256:"));
    other.repository.failures.emplace(digest, Error{Code::network_status, "broken", ""});
    const auto attached = attach_tagged(other.target, made);
    REQUIRE_FALSE(attached);
    CHECK(attached.error().code == Code::network_status);
    CHECK(other.repository.tags.empty());
  }
}

TEST_CASE("what stands under the tag and cannot be read is not replaced", "[simple_signing]") {
  World w;
  MemoryDevice device;
  const auto made = w.signed_by(device);
  const auto config = w.repository.put("application/vnd.oci.image.config.v1+json", "{}");
  struct Row {
    const char* why;
    std::string text;
    const char* code;
  };
  const std::string head = R"({"schemaVersion":2,"config":)" + MemoryRepository::json(config);
  const auto absent = MemoryRepository::describe("x", as_bytes("absent"));
  const auto no_json = w.repository.put("x", "{");
  const auto no_object = w.repository.put("x", "[]");
  const std::vector<Row> rows = {
      {"no JSON", "{", "format.manifest"},
      {"an index", R"({"schemaVersion":2,"manifests":[]})", "format.manifest"},
      {"layers twice", head + R"(,"layers":[],"layers":[]})", "format.manifest"},
      {"no configuration", R"({"schemaVersion":2,"layers":[]})", "format.manifest"},
      {"a configuration that cannot be had",
       R"({"schemaVersion":2,"layers":[],"config":)" + MemoryRepository::json(absent) + "}",
       "image.not-found"},
      {"a configuration that is no JSON",
       R"({"schemaVersion":2,"layers":[],"config":)" + MemoryRepository::json(no_json) + "}",
       "format.manifest"},
      {"a configuration that is no object",
       R"({"schemaVersion":2,"layers":[],"config":)" + MemoryRepository::json(no_object) + "}",
       "format.manifest"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    w.put_tag(row.text);
    CHECK(slug_of(attach_tagged(w.target, made)) == row.code);
    CHECK(w.tagged() == row.text);
  }
}

TEST_CASE("what others wrote under the tag stays", "[simple_signing]") {
  const std::string foreign_layer = R"({"mediaType":"application/x","size":1,"digest":"sha256:)" +
                                    std::string(64, 'b') +
                                    R"(","annotations":{"who":"else"},"extra":[1]})";
  const std::string config_text =
      R"({"author":"x","rootfs":{"type":"layers","diff_ids":["sha256:)" + std::string(64, 'c') +
      R"("]},"more":{"a":1}})";
  const std::string manifest =
      R"({"schemaVersion":2,"config":{"mediaType":"application/y","digest":")" +
      crypto::digest_of(as_bytes(config_text)).to_string() + R"(","size":)" +
      std::to_string(config_text.size()) + R"(},"layers":[)" + foreign_layer +
      R"(],"annotations":{"note":"kept"},"beyond":{"x":null}})";
  const auto made = with_signature(ExistingSignatures{to_bytes(manifest), to_bytes(config_text)},
                                   layer("payload", "AAAA"));
  REQUIRE(made);
  REQUIRE(*made);
  const std::string& text = (*made)->manifest;
  CHECK(text.find("[" + foreign_layer + ",") != std::string::npos);
  CHECK(text.find(R"("annotations":{"note":"kept"},"beyond":{"x":null})") != std::string::npos);
  CHECK(text.find("application/y") != std::string::npos);
  CHECK((*made)->config == R"({"author":"x","rootfs":{"type":"layers","diff_ids":["sha256:)" +
                               std::string(64, 'c') + "\",\"" +
                               crypto::digest_of(as_bytes("payload")).to_string() +
                               R"("]},"more":{"a":1}})");
  const auto again = with_signature(ExistingSignatures{to_bytes(text), to_bytes((*made)->config)},
                                    layer("payload", "AAAA"));
  REQUIRE(again);
  CHECK_FALSE(*again);
  CHECK(*with_signature(ExistingSignatures{to_bytes(text), to_bytes((*made)->config)},
                        layer("payload", "AAAB")));
}

TEST_CASE("configurations of all kinds get the digests of all layers", "[simple_signing]") {
  const std::string old(64, 'b');
  const std::string manifest =
      R"({"schemaVersion":2,"config":{"mediaType":"application/y","digest":"sha256:)" +
      std::string(64, 'a') +
      R"(","size":2},"layers":[{"mediaType":"x","size":1,"digest":"sha256:)" + old + R"("}]})";
  const auto config_of = [&](const std::string& config) {
    const auto made = with_signature(ExistingSignatures{to_bytes(manifest), to_bytes(config)},
                                     layer("payload", "AAAA"));
    REQUIRE(made);
    REQUIRE(*made);
    return (*made)->config;
  };
  const std::string ids = R"("diff_ids":["sha256:)" + old + "\",\"" +
                          crypto::digest_of(as_bytes("payload")).to_string() + "\"]";
  for (const char* config :
       {"{}", R"({"rootfs":1})", R"({"rootfs":{}})", R"({"rootfs":{"diff_ids":1}})",
        R"({"rootfs":{"diff_ids":[]}})", R"({"rootfs":{"diff_ids":["x","y"]}})"}) {
    CAPTURE(config);
    CHECK(config_of(config).contains(ids));
  }
  CHECK(config_of(R"({"history":[{"a":1}]})")
            .contains(R"("history":[{"a":1},{"created":"0001-01-01T00:00:00Z"}])"));
  CHECK(config_of(R"({"history":1})").contains(R"("history":1)"));
}

TEST_CASE("no manifest is made of an index, nor one that nobody takes", "[simple_signing]") {
  const auto refused = [](const std::string& manifest) {
    const auto made = with_signature(ExistingSignatures{to_bytes(manifest), to_bytes("{}")},
                                     layer("payload", "AAAA"));
    return made ? "made" : std::string(slug(made.error().code));
  };
  CHECK(refused(R"({"schemaVersion":2,"manifests":[]})") == "format.manifest");
  const std::string head = R"({"schemaVersion":2,"config":{"mediaType":"y","digest":"sha256:)" +
                           std::string(64, 'a') + R"(","size":2},"layers":[],"note":")";
  const auto padded = [&](std::size_t size) {
    return head + std::string(size - head.size() - 2, 'x') + "\"}";
  };
  CHECK(refused(padded(1000)) == "made");
  CHECK(refused(padded(limits::max_manifest_bytes)) == "limit.size");
}

TEST_CASE("no more signatures are added than cosign reads", "[simple_signing]") {
  std::optional<ExistingSignatures> there;
  const auto first = with_signature(there, layer("x", "AAAA"));
  REQUIRE(first);
  const auto parsed = formats::parse_json(as_bytes((*first)->manifest), 1 << 20);
  formats::Json document = *parsed;
  const auto fill = [&](std::size_t count) {
    document.set("layers", formats::Json(formats::Json::Array(
                               count, document.find("layers")->array()->front())));
    there = ExistingSignatures{to_bytes(to_text(document)), to_bytes((*first)->config)};
  };
  fill(limits::max_signature_layers - 1);
  CHECK(with_signature(there, layer("y", "AAAA")));
  fill(limits::max_signature_layers);
  const auto refused = with_signature(there, layer("y", "AAAA"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::limit_count);
}

TEST_CASE("the repository's name is cosign's", "[simple_signing]") {
  const auto name = [](const char* text) { return docker_reference(*Reference::parse(text)); };
  CHECK(name("nginx") == "index.docker.io/library/nginx");
  CHECK(name("registry.example:5000/shop/api:1.4") == "registry.example:5000/shop/api");
  CHECK(name("oci-layout:/tmp/secret/place").empty());
}

TEST_CASE("an image that cosign's form cannot name is not signed in it", "[simple_signing]") {
  MemoryDevice device;
  auto image = MemoryRepository::describe("x", as_bytes("x"));
  image.digest = crypto::digest_of(as_bytes("x"), Digest::Algorithm::sha512);
  const auto made = sign_simple(device, device.key(), image, "x", {});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Code::usage_arguments);
  CHECK(device.signatures == 0);
}

}  // namespace touchstone::sign
