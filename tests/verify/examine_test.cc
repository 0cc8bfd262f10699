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
  Digest digest = crypto::digest_of(manifest);
  Artifact image = Artifact::of(manifest);
  std::vector<TrustedSigner> signers = {signer(key)};
  std::string statement = formats::write_image_signature_statement(digest, {{"env", "prod"}});
};

Demand by(std::vector<TrustedSigner> signers) { return {std::move(signers), {}}; }

Code code_of(const World& world, std::string_view bundle) {
  const auto result = examine({"test", to_bytes(bundle)}, world.image, by(world.signers), {});
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
  const auto evidence = examine({"test", to_bytes(bundle(world.key, world.statement))}, world.image,
                                by(world.signers), {});
  REQUIRE(evidence);
  CHECK(evidence->signer.trusted.key == world.key.public_key());
  CHECK(evidence->annotations.at("env") == "prod");
}

TEST_CASE("a type is asked of attestations alone", "[examine]") {
  const World w;
  Demand demand = by(w.signers);
  demand.content.predicate_type = "https://slsa.dev/provenance/v1";
  CHECK(examine({"", to_bytes(bundle(w.key, w.statement))}, w.image, demand, {}));
}

TEST_CASE("a signature counts whatever its key hint says", "[examine]") {
  World world;
  const std::string good = bundle(world.key, world.statement);
  const std::string hint = world.key.public_key().hint();
  for (const std::string& other : {std::string(), world.stranger.public_key().hint()}) {
    CHECK(examine({"", to_bytes(replaced(good, hint, other))}, world.image, by(world.signers), {}));
  }
}

TEST_CASE("what is no image signature by a trusted key is refused with its code", "[examine]") {
  const World world;
  const std::string good = bundle(world.key, world.statement);
  REQUIRE(examine({"", to_bytes(good)}, world.image, by(world.signers), {}));

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
  SECTION("step 3: XP-01: a bare message signature over the manifest, or over an envelope") {
    CHECK(code_of(world, message_bundle(world.key, world.manifest)) == Code::binding_message);
    CHECK(code_of(world, message_bundle(world.key, to_bytes(world.statement))) ==
          Code::binding_message);
    CHECK(code_of(world, message_bundle(world.key, formats::pre_authentication_encoding(
                                                       formats::in_toto_payload_type,
                                                       to_bytes(world.statement)))) ==
          Code::binding_message);
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
    const std::string right = "\"sha256\":\"" + world.digest.hex() + "\"";
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

TEST_CASE("the bytes that were signed are judged, not what they parse to", "[examine][JSON-12]") {
  const World w;
  const std::string spaced = replaced(w.statement, "\"_type\":", "\n \"\\u005ftype\" : ");
  REQUIRE(spaced != w.statement);
  const std::string good = bundle(w.key, spaced);
  CHECK(examine({"", to_bytes(good)}, w.image, by(w.signers), {}));
  // The same statement in other bytes, under that signature.
  const std::string swapped =
      replaced(good, to_base64(as_bytes(spaced)), to_base64(as_bytes(w.statement)));
  CHECK(code_of(w, swapped) == Code::signature_invalid);
}

TEST_CASE("a signature over the payload under another type does not carry over",
          "[examine][XP-01]") {
  const World w;
  for (const char* type :
       {"application/vnd.in-toto", "application/vnd.in-toto+json ", "application/vnd.in-toto+JSON",
        "application/vnd.in-toto+json;v=1", "application/vnd.cncf.notary.payload.v1+json", ""}) {
    CAPTURE(type);
    const std::string other = bundle(w.key, w.statement, type);
    CHECK(code_of(w, other) == Code::binding_payload);
    const std::string relabelled =
        replaced(other, "\"payloadType\":\"" + std::string(type) + "\"",
                 "\"payloadType\":\"" + std::string(formats::in_toto_payload_type) + "\"");
    CHECK(code_of(w, relabelled) == Code::signature_invalid);
  }
}

TEST_CASE("the hint selects no key that is not trusted", "[examine][SIG-31]") {
  const World w;
  const std::string by_stranger = bundle(w.stranger, w.statement);
  CHECK(code_of(w, by_stranger) == Code::identity_mismatch);
  const std::string no_hint = replaced(by_stranger, w.stranger.public_key().hint(), "");
  CHECK(code_of(w, no_hint) == Code::signature_invalid);
}

TEST_CASE("one trusted key is found among many, whatever their order", "[examine]") {
  World w;
  w.signers.clear();
  for (int i = 0; i < 8; ++i) w.signers.push_back(signer(PrivateKey::generate(KeyKind::p256)));
  for (std::size_t place : {0U, 4U, 8U}) {
    auto signers = w.signers;
    signers.insert(signers.begin() + static_cast<std::ptrdiff_t>(place), signer(w.key, "it"));
    const auto evidence =
        examine({"", to_bytes(bundle(w.key, w.statement))}, w.image, by(signers), {});
    REQUIRE(evidence);
    CHECK(evidence->signer.source == "it");
  }
}

TEST_CASE("a sha512 names the image as well, where it is right", "[examine]") {
  World w;
  w.digest = crypto::digest_of(w.manifest, Digest::Algorithm::sha512);
  CHECK(examine({"", to_bytes(bundle(w.key, w.statement))}, w.image, by(w.signers), {}));
  const std::string by_512 = formats::write_image_signature_statement(w.digest, {});
  CHECK(examine({"", to_bytes(bundle(w.key, by_512))}, w.image, by(w.signers), {}));
  const Digest other = crypto::digest_of(as_bytes("x"), Digest::Algorithm::sha512);
  CHECK(code_of(w, bundle(w.key, formats::write_image_signature_statement(other, {}))) ==
        Code::binding_digest);
}

TEST_CASE("only the hash that goes with a key counts", "[examine][SIG-39]") {
  World w;
  const Bytes payload = to_bytes(w.statement);
  const Bytes encoded =
      formats::pre_authentication_encoding(formats::in_toto_payload_type, payload);
  for (const Scheme scheme : {Scheme::ecdsa_sha384, Scheme::ecdsa_sha512}) {
    const auto signature = w.key.sign(scheme, encoded);
    REQUIRE(signature);
    CHECK(code_of(w, formats::write_bundle(w.key.public_key().hint(), formats::in_toto_payload_type,
                                           payload, *signature)) == Code::signature_invalid);
  }
}

TEST_CASE("the twin of an ECDSA signature is the same signature", "[examine][SIG-38]") {
  // (r, n-s) beside (r, s): good mathematics. Nothing may take a signature's bytes for a name.
  World w;
  const Bytes order = *from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  const Bytes payload = to_bytes(w.statement);
  const Bytes der = *w.key.sign(Scheme::ecdsa_sha256, formats::pre_authentication_encoding(
                                                          formats::in_toto_payload_type, payload));
  // SEQUENCE, INTEGER r, INTEGER s
  const std::size_t r_size = der[3];
  const std::size_t s_at = 4 + r_size + 2;
  Bytes s(der.begin() + static_cast<std::ptrdiff_t>(s_at), der.end());
  if (s.size() > 32) s.erase(s.begin());
  s.insert(s.begin(), 32 - s.size(), 0);
  Bytes twin(32);
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    const int difference = order[i] - s[i] - borrow;
    borrow = difference < 0 ? 1 : 0;
    twin[i] = static_cast<std::uint8_t>(difference);
  }
  while (twin.front() == 0 && twin[1] < 0x80) twin.erase(twin.begin());
  if (twin.front() >= 0x80) twin.insert(twin.begin(), 0);
  Bytes other(der.begin() + 2, der.begin() + 4 + static_cast<std::ptrdiff_t>(r_size));
  other.push_back(2);
  other.push_back(static_cast<std::uint8_t>(twin.size()));
  other.insert(other.end(), twin.begin(), twin.end());
  other.insert(other.begin(), {0x30, static_cast<std::uint8_t>(other.size())});
  REQUIRE(other != der);
  for (const Bytes& signature : {der, other}) {
    CHECK(examine({"", to_bytes(formats::write_bundle("", formats::in_toto_payload_type, payload,
                                                      signature))},
                  w.image, by(w.signers), {}));
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
        world.image, by(world.signers), {});
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::signature_invalid);
  }
}

}  // namespace touchstone::verify
