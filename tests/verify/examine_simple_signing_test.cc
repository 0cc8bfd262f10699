// Each step of the verifier of one legacy signature, and what deleting it would let through.
#include "verify/examine_simple_signing.h"

#include <catch2/catch.hpp>

#include "tests/support/signing.h"
#include "verify/examine.h"

namespace touchstone::verify {
namespace {

using crypto::KeyKind;
using crypto::PrivateKey;
using namespace test;

struct World {
  PrivateKey key = PrivateKey::generate(KeyKind::p256);
  PrivateKey stranger = PrivateKey::generate(KeyKind::p256);
  Bytes manifest = to_bytes("a manifest");
  Digest digest = crypto::digest_of(manifest);
  Artifact image = Artifact::of(manifest);
  std::vector<TrustedSigner> signers = {signer(stranger), signer(key)};
  std::string payload =
      formats::write_simple_signing(digest, "registry.example/app", {{"env", "prod"}});

  Result<Evidence> judge(const SimpleSigningLayer& layer) const {
    return examine({"test", layer}, image, {signers, {}}, {});
  }
  Code code_of(const SimpleSigningLayer& layer) const {
    const auto result = judge(layer);
    REQUIRE_FALSE(result);
    return result.error().code;
  }
  Code code_of(const std::string& signed_payload) const {
    return code_of(simple_signing_layer(key, signed_payload));
  }
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string& signature_of(SimpleSigningLayer& layer) {
  return layer.descriptor.annotations[std::string(formats::signature_annotation)];
}

}  // namespace

TEST_CASE("a legacy signature by a trusted key is evidence", "[simple_signing]") {
  World w;
  w.key = PrivateKey::generate(
      GENERATE(KeyKind::p256, KeyKind::p384, KeyKind::p521, KeyKind::rsa, KeyKind::ed25519));
  w.signers[1] = signer(w.key);
  const auto evidence = w.judge(simple_signing_layer(w.key, w.payload));
  REQUIRE(evidence);
  CHECK(evidence->signer.trusted.key == w.key.public_key());
  CHECK(evidence->annotations == std::map<std::string, std::string>{{"env", "prod"}});
}

TEST_CASE("a legacy signature with the key's own hash counts as well", "[simple_signing]") {
  World w;
  const auto [kind, scheme] = GENERATE(table<KeyKind, Scheme>(
      {{KeyKind::p384, Scheme::ecdsa_sha384}, {KeyKind::p521, Scheme::ecdsa_sha512}}));
  w.key = PrivateKey::generate(kind);
  w.signers = {signer(w.key)};
  auto layer = simple_signing_layer(w.key, w.payload);
  signature_of(layer) = to_base64(*w.key.sign(scheme, layer.payload));
  const auto evidence = w.judge(layer);
  REQUIRE(evidence);
  CHECK(evidence->scheme == scheme);
}

TEST_CASE("beside a certificate, a trusted key decides", "[simple_signing]") {
  const World w;
  auto layer = simple_signing_layer(w.key, w.payload);
  layer.descriptor.annotations[std::string(formats::certificate_annotation)] = "not looked at";
  CHECK(w.judge(layer));
}

TEST_CASE("the repository in the payload is not compared", "[simple_signing][SIG-06]") {
  const World w;
  for (const char* where : {"", "registry.example/elsewhere", "../\\u001b[0m"}) {
    CHECK(w.judge(simple_signing_layer(w.key, formats::write_simple_signing(w.digest, where, {}))));
  }
}

TEST_CASE("what is no legacy signature by a trusted key is refused with its code",
          "[simple_signing]") {
  const World w;
  const auto good = simple_signing_layer(w.key, w.payload);
  REQUIRE(w.judge(good));
  auto layer = good;

  SECTION("step 1: a layer of another type") {
    for (const char* type : {"", "application/json", "application/vnd.dsse.envelope.v1+json",
                             "application/vnd.dev.cosign.simplesigning.v1+json; x=y"}) {
      layer.descriptor.media_type = type;
      CHECK(w.code_of(layer) == Code::binding_payload);
    }
  }
  SECTION("step 1: something else than an image signature is wanted") {
    for (const auto kind :
         {WantedContent::Kind::attestation, WantedContent::Kind::file_signature}) {
      Demand other{w.signers, {}};
      other.content.kind = kind;
      const auto result = examine({"test", good}, w.image, other, {});
      REQUIRE_FALSE(result);
      CHECK(result.error().code == Code::binding_type);
    }
  }
  SECTION("step 2: no signature, or an empty one (SIG-01)") {
    signature_of(layer) = "";
    CHECK(w.code_of(layer) == Code::format_signature);
    layer.descriptor.annotations.clear();
    CHECK(w.code_of(layer) == Code::format_signature);
    layer.descriptor.annotations["dev.sigstore.cosign/signature"] = signature_of(layer = good);
    layer.descriptor.annotations.erase(std::string(formats::signature_annotation));
    CHECK(w.code_of(layer) == Code::format_signature);
  }
  SECTION("step 3: not base64") {
    for (const std::string& text : {"%" + signature_of(layer), signature_of(layer) + "\n",
                                    signature_of(layer) + "=", "\n" + signature_of(layer)}) {
      signature_of(layer) = text;
      CHECK(w.code_of(layer) == Code::format_signature);
      layer = good;
    }
  }
  SECTION("step 4: the payload is not the one described, though well signed (SIG-04)") {
    layer.descriptor.digest = crypto::digest_of(as_bytes("other"));
    CHECK(w.code_of(layer) == Code::digest_mismatch);
  }
  SECTION("step 5: by a stranger") {
    const auto nobody = PrivateKey::generate(KeyKind::p256);
    CHECK(w.code_of(simple_signing_layer(nobody, w.payload)) == Code::signature_invalid);
  }
  SECTION("step 5: over other bytes of the same meaning (JSON-12)") {
    layer.payload = to_bytes(replaced(w.payload, ",", " ,"));
    layer.descriptor.digest = crypto::digest_of(layer.payload);
    CHECK(w.code_of(layer) == Code::signature_invalid);
  }
  SECTION("step 5: over the payload's hash") {
    signature_of(layer) = to_base64(
        *w.key.sign(Scheme::ecdsa_sha256, crypto::hash(crypto::Hash::sha256, layer.payload)));
    CHECK(w.code_of(layer) == Code::signature_invalid);
  }
  SECTION("step 5: by a stranger with a certificate") {
    auto certified = simple_signing_layer(PrivateKey::generate(KeyKind::p256), w.payload);
    certified.descriptor.annotations[std::string(formats::certificate_annotation)] = "x";
    CHECK(w.code_of(certified) == Code::certificate_unexpected);
  }
  SECTION("step 5: no trusted keys at all") {
    const auto nobody = examine_simple_signing(good, w.image, {}, {});
    REQUIRE_FALSE(nobody);
    CHECK(nobody.error().code == Code::signature_invalid);
  }
  SECTION("step 5 before step 6: what is not signed is not parsed") {
    CHECK(w.code_of(simple_signing_layer(PrivateKey::generate(KeyKind::p256), "{")) ==
          Code::signature_invalid);
  }
  SECTION("step 6: a payload that does not parse, well signed") {
    for (const char* payload : {"", "{", "[]", "{}", "null", "not json"}) {
      CHECK(w.code_of(payload) == Code::format_payload);
    }
    const std::string digest = "\"docker-manifest-digest\":\"";
    CHECK(w.code_of(replaced(w.payload, digest, digest + "x\"," + digest)) == Code::format_payload);
    CHECK(w.code_of(replaced(w.payload, digest, "\"D" + digest.substr(2) + "x\"," + digest)) ==
          Code::format_payload);
  }
  SECTION("step 7: another type, or none (SIG-03)") {
    for (const char* type : {"atomic container signature", "", "Cosign container image signature",
                             "cosign container image signature "}) {
      CHECK(w.code_of(replaced(w.payload, formats::image_signature_type, type)) ==
            Code::binding_type);
    }
  }
  SECTION("step 8: about another image (SIG-02)") {
    const Digest other = crypto::digest_of(as_bytes("another manifest"));
    CHECK(w.code_of(formats::write_simple_signing(other, "registry.example/app", {})) ==
          Code::binding_digest);
  }
}

TEST_CASE("the image may be named by either digest of its bytes", "[simple_signing]") {
  const World w;
  const Digest sha512 = crypto::digest_of(w.manifest, Digest::Algorithm::sha512);
  CHECK(w.judge(simple_signing_layer(w.key, formats::write_simple_signing(sha512, "", {}))));
}

TEST_CASE("every flipped byte of a legacy signature or its payload is refused",
          "[simple_signing]") {
  const World w;
  const auto good = simple_signing_layer(w.key, w.payload);
  const Bytes signature =
      *from_base64(good.descriptor.annotations.at(std::string(formats::signature_annotation)));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    auto layer = good;
    Bytes flipped = signature;
    flipped[i] ^= 1;
    signature_of(layer) = to_base64(flipped);
    REQUIRE(w.code_of(layer) == Code::signature_invalid);
  }
  for (std::size_t i = 0; i < good.payload.size(); ++i) {
    auto layer = good;
    layer.payload[i] ^= 1;
    layer.descriptor.digest = crypto::digest_of(layer.payload);
    REQUIRE(w.code_of(layer) == Code::signature_invalid);
  }
}

}  // namespace touchstone::verify
