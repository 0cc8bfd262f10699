// Each step of the verifier of one signature, and what deleting it would let through.
#include "verify/examine.h"

#include <catch2/catch.hpp>

#include "base/encoding.h"
#include "crypto/private_key.h"
#include "formats/sigstore_bundle.h"
#include "formats/statement.h"
#include "tests/support/signing.h"

namespace touchstone::verify {
namespace {

using crypto::KeyKind;
using crypto::PrivateKey;
using namespace test;

// What every row below changes in one place; the unchanged one is accepted in the same test.
struct World {
  PrivateKey key = PrivateKey::generate(KeyKind::p256);
  PrivateKey stranger = PrivateKey::generate(KeyKind::p256);
  Bytes manifest = to_bytes("a manifest");
  Image image = Image::of(crypto::digest_of(manifest), manifest);
  std::vector<TrustedSigner> signers = {signer(key)};
  std::string statement = formats::write_image_signature_statement(image.digest, {{"env", "prod"}});
};

Code code_of(const World& world, std::string_view bundle) {
  const auto result = examine({"test", to_bytes(bundle)}, world.image, world.signers);
  REQUIRE_FALSE(result);
  return result.error().code;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("an image signature by a trusted key is evidence", "[examine]") {
  const auto kind =
      GENERATE(KeyKind::p256, KeyKind::p384, KeyKind::p521, KeyKind::rsa, KeyKind::ed25519);
  World world;
  world.key = PrivateKey::generate(kind);
  world.signers = {signer(world.stranger), signer(world.key)};
  const auto evidence =
      examine({"test", to_bytes(bundle(world.key, world.statement))}, world.image, world.signers);
  REQUIRE(evidence);
  CHECK(evidence->signer.trusted.key == world.key.public_key());
  CHECK(evidence->annotations.at("env") == "prod");
}

TEST_CASE("a signature counts whatever its key hint says", "[examine]") {
  World world;
  const std::string good = bundle(world.key, world.statement);
  const std::string hint = world.key.public_key().hint();
  for (const std::string& other : {std::string(), world.stranger.public_key().hint()}) {
    CHECK(examine({"", to_bytes(replaced(good, hint, other))}, world.image, world.signers));
  }
}

TEST_CASE("what is no image signature by a trusted key is refused with its code", "[examine]") {
  const World world;
  const std::string good = bundle(world.key, world.statement);
  REQUIRE(examine({"", to_bytes(good)}, world.image, world.signers));

  SECTION("step 1: a bundle that does not parse") {
    CHECK(code_of(world, good.substr(0, good.size() - 1)) == Code::format_bundle);
    CHECK(code_of(world, replaced(good, "bundle.v0.3", "bundle.v0.4")) == Code::format_bundle);
    CHECK(code_of(world, replaced(good, "{\"mediaType\"", "{\"extra\":1,\"mediaType\"")) ==
          Code::format_bundle);
  }
  SECTION("step 2: by a certificate") {
    CHECK(code_of(
              world,
              replaced(good, "\"publicKey\":{\"hint\":\"" + world.key.public_key().hint() + "\"}",
                       "\"certificate\":{\"rawBytes\":\"MAA=\"}")) == Code::certificate_unexpected);
  }
  SECTION("step 3: a bare message signature over the manifest") {
    CHECK(code_of(world, message_bundle(world.key, world.manifest)) == Code::binding_message);
  }
  SECTION("step 4: another payload type, well signed") {
    CHECK(code_of(world, bundle(world.key, world.statement, "application/json")) ==
          Code::binding_payload);
  }
  SECTION("step 5: by a stranger") {
    CHECK(code_of(world, bundle(world.stranger, world.statement)) == Code::identity_mismatch);
  }
  SECTION("step 5: by a stranger who claims the trusted key's hint") {
    CHECK(code_of(world, replaced(bundle(world.stranger, world.statement),
                                  world.stranger.public_key().hint(),
                                  world.key.public_key().hint())) == Code::signature_invalid);
  }
  SECTION("step 5: over the payload without its type") {
    const auto raw = world.key.sign(Scheme::ecdsa_sha256, to_bytes(world.statement));
    CHECK(code_of(world, formats::write_bundle(
                             world.key.public_key().hint(), formats::in_toto_payload_type,
                             to_bytes(world.statement), *raw)) == Code::signature_invalid);
  }
  SECTION("step 5: no trusted keys at all") {
    World nobody;
    nobody.signers.clear();
    CHECK(code_of(nobody, bundle(nobody.key, nobody.statement)) == Code::identity_mismatch);
  }
  SECTION("step 6: a statement that does not parse, well signed") {
    for (const char* payload : {"", "{", "[]", "{\"_type\":\"x\"}", "not json"}) {
      CHECK(code_of(world, bundle(world.key, payload)) == Code::format_statement);
    }
    CHECK(code_of(world, bundle(world.key, replaced(world.statement, "Statement/v1",
                                                    "Statement/v9"))) == Code::format_statement);
    const std::string twice =
        replaced(world.statement, "\"predicate\":{}", "\"predicate\":{},\"predicateType\":\"x\"");
    CHECK(code_of(world, bundle(world.key, twice)) == Code::format_statement);
  }
  SECTION("step 7: about another image") {
    const Digest other = crypto::digest_of(as_bytes("another manifest"));
    CHECK(code_of(world, bundle(world.key, formats::write_image_signature_statement(other, {}))) ==
          Code::binding_digest);
  }
  SECTION("step 7: a digest by a weaker algorithm only, no digest, another sha512 beside") {
    const std::string right = "\"sha256\":\"" + world.image.digest.hex() + "\"";
    CHECK(code_of(world, bundle(world.key, replaced(world.statement, right, "\"sha1\":\"00\""))) ==
          Code::binding_digest);
    CHECK(code_of(world, bundle(world.key, replaced(world.statement, right, ""))) ==
          Code::binding_digest);
    CHECK(code_of(world, bundle(world.key,
                                replaced(world.statement, right, right + ",\"sha512\":\"00\""))) ==
          Code::binding_digest);
  }
  SECTION("step 8: an attestation of another kind about this image") {
    CHECK(code_of(world, bundle(world.key,
                                replaced(world.statement, "https://sigstore.dev/cosign/sign/v1",
                                         "https://slsa.dev/provenance/v1"))) == Code::binding_type);
  }
}

TEST_CASE("every flipped byte of a signature is refused", "[examine]") {
  const World world;
  const std::string good = bundle(world.key, world.statement);
  const auto parsed = formats::SigstoreBundle::parse(as_bytes(good));
  const auto& envelope = std::get<formats::DsseEnvelope>(parsed->content);
  const Bytes signature = envelope.signatures.front().signature;
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Bytes flipped = signature;
    flipped[i] ^= 1;
    const auto result = examine(
        {"", to_bytes(formats::write_bundle(world.key.public_key().hint(), envelope.payload_type,
                                            envelope.payload, flipped))},
        world.image, world.signers);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::signature_invalid);
  }
}

}  // namespace touchstone::verify
