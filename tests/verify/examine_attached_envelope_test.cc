// Each step of the verifier of one legacy attestation, and what deleting it would let through.
#include "verify/examine_attached_envelope.h"

#include <catch2/catch.hpp>

#include "tests/support/authority.h"
#include "tests/support/signing.h"
#include "verify/examine.h"

namespace touchstone::verify {
namespace {

using crypto::KeyKind;
using crypto::PrivateKey;
using namespace test;
using namespace std::chrono_literals;

constexpr std::string_view type = "https://slsa.dev/provenance/v1";

struct World {
  PrivateKey key = PrivateKey::generate(KeyKind::p256);
  PrivateKey stranger = PrivateKey::generate(KeyKind::p256);
  Bytes manifest = to_bytes("a manifest");
  Digest digest = crypto::digest_of(manifest);
  Artifact image = Artifact::of(manifest);
  Demand demand{{signer(key)},
                {},
                {},
                {},
                {},
                {},
                false,
                {WantedContent::Kind::attestation, std::string(type)}};
  std::string statement = formats::write_statement(digest, "registry.example/app", type, "{}");

  std::string signature(const PrivateKey& by, std::string_view payload,
                        std::string_view payload_type = formats::in_toto_payload_type) const {
    return R"({"keyid":"","sig":")" + to_base64(signed_encoding(by, payload_type, payload)) + "\"}";
  }
  static std::string envelope(std::string_view payload, const std::string& signatures,
                              std::string_view payload_type = formats::in_toto_payload_type) {
    return R"({"payloadType":")" + std::string(payload_type) + R"(","payload":")" +
           to_base64(as_bytes(payload)) + R"(","signatures":[)" + signatures + "]}";
  }
  std::string good() const { return envelope(statement, signature(key, statement)); }

  static EnvelopeLayer layer(const std::string& text) {
    return {{std::string(formats::media_type::dsse_envelope),
             crypto::digest_of(as_bytes(text)),
             text.size(),
             "",
             {{"predicateType", "anything"}},
             {},
             {}},
            to_bytes(text)};
  }
  Result<Evidence> judge(const EnvelopeLayer& layer) const {
    return examine({"test", layer}, image, demand, {});
  }
  std::string outcome(const EnvelopeLayer& layer) const {
    const auto result = judge(layer);
    return result ? "accepted" : std::string(slug(result.error().code));
  }
  std::string outcome(const std::string& text) const { return outcome(layer(text)); }
  std::string of_signed(const std::string& payload) const {
    return outcome(envelope(payload, signature(key, payload)));
  }
};

}  // namespace

TEST_CASE("a legacy attestation by a trusted key is evidence", "[envelope]") {
  World w;
  w.key = PrivateKey::generate(
      GENERATE(KeyKind::p256, KeyKind::p384, KeyKind::p521, KeyKind::rsa, KeyKind::ed25519));
  w.demand.signers = {signer(w.stranger), signer(w.key)};
  const auto evidence = w.judge(World::layer(w.good()));
  REQUIRE(evidence);
  CHECK(evidence->signer.trusted.key == w.key.public_key());
  CHECK(evidence->statement->predicate_type == type);
  w.demand.content.predicate_type = "";
  CHECK(w.judge(World::layer(w.good())));
}

TEST_CASE("what is no legacy attestation by a trusted key is refused with its code", "[envelope]") {
  const World w;
  REQUIRE(w.outcome(w.good()) == "accepted");

  SECTION("step 1: a layer of another type") {
    EnvelopeLayer other = World::layer(w.good());
    for (const char* media_type : {"", "application/json", "application/vnd.in-toto+json"}) {
      other.descriptor.media_type = media_type;
      CHECK(w.outcome(other) == "binding.payload");
    }
  }
  SECTION("step 2: a signature is wanted, of an image or of a file") {
    World other = w;
    other.demand.content.predicate_type = "";
    for (const auto kind :
         {WantedContent::Kind::image_signature, WantedContent::Kind::file_signature}) {
      other.demand.content.kind = kind;
      CHECK(other.outcome(w.good()) == "binding.type");
    }
  }
  SECTION("step 3: not what the descriptor says, though well signed") {
    EnvelopeLayer other = World::layer(w.good());
    other.descriptor.digest = crypto::digest_of(as_bytes("other"));
    CHECK(w.outcome(other) == "digest.mismatch");
  }
  SECTION("step 4: malformed envelopes") {
    CHECK(w.outcome("") == "format.signature");
    CHECK(w.outcome("{") == "format.signature");
    CHECK(w.outcome("[]") == "format.signature");
    CHECK(w.outcome(w.good() + "x") == "format.signature");
    CHECK(w.outcome(World::envelope(w.statement, "")) == "format.signature");
    CHECK(w.outcome(World::envelope(w.statement, R"({"keyid":"x"})")) == "format.signature");
    CHECK(w.outcome(World::envelope(w.statement, R"({"sig":""})")) == "format.signature");
    CHECK(w.outcome(World::envelope(w.statement, R"({"sig":"%"})")) == "format.signature");
    CHECK(w.outcome(R"({"payloadType":"x","signatures":[{"sig":"AAAA"}]})") == "format.signature");
    CHECK(w.outcome(R"({"payload":"","signatures":[{"sig":"AAAA"}]})") == "format.signature");
    CHECK(w.outcome(R"({"payloadType":"x","payload":"%","signatures":[{"sig":"AAAA"}]})") ==
          "format.signature");
  }
  SECTION("step 5: another payload type") {
    CHECK(
        w.outcome(World::envelope(w.statement, w.signature(w.key, w.statement, "application/json"),
                                  "application/json")) == "binding.payload");
  }
  SECTION("step 6: what lies beside it is broken, and an authority counts") {
    World other = w;
    const Entity root = issue(CertificateText::authority("Root"), nullptr);
    other.demand.authorities = {
        {trust::TrustedCertificate{root.certificate(), "", {}, {}, ""}, "root"}};
    REQUIRE(other.outcome(w.good()) == "accepted");
    const auto beside = [&](std::string_view name, const char* text) {
      EnvelopeLayer layer = World::layer(w.good());
      layer.descriptor.annotations[std::string(name)] = text;
      CHECK(w.outcome(layer) == "accepted");  // by a key alone, nobody looks
      return other.outcome(layer);
    };
    CHECK(beside(formats::log_annotation, "{") == "format.signature");
    CHECK(beside(formats::timestamp_annotation, "{}") == "format.signature");
    CHECK(beside(formats::certificate_annotation, "no PEM") == "certificate.malformed");
  }
  SECTION("step 6: by a stranger, over another payload, over the payload alone") {
    CHECK(w.outcome(World::envelope(w.statement, w.signature(w.stranger, w.statement))) ==
          "signature.invalid");
    CHECK(w.outcome(World::envelope(w.statement + " ", w.signature(w.key, w.statement))) ==
          "signature.invalid");
    const std::string raw =
        R"({"sig":")" + to_base64(*w.key.sign(Scheme::ecdsa_sha256, as_bytes(w.statement))) + "\"}";
    CHECK(w.outcome(World::envelope(w.statement, raw)) == "signature.invalid");
  }
  SECTION("step 7: a statement that does not parse, is of another image, is of another type") {
    CHECK(w.of_signed("{") == "format.statement");
    CHECK(w.of_signed(R"({"_type":"x"})") == "format.statement");
    CHECK(w.of_signed(formats::write_statement(crypto::digest_of(as_bytes("x")), "app", type,
                                               "{}")) == "binding.digest");
    CHECK(w.of_signed(formats::write_statement(w.digest, "app", "https://slsa.dev/provenance/v0.2",
                                               "{}")) == "binding.type");
  }
}

TEST_CASE("a payload type is part of what is signed, by its bytes", "[envelope][ATT-02][ATT-04]") {
  const World w;
  const std::string other = w.signature(w.key, w.statement, "application/vnd.in-toto+jsoN");
  CHECK(w.outcome(World::envelope(w.statement, other)) == "signature.invalid");
  // "é" is two bytes: an encoding that counts characters would be another.
  const Bytes encoding = formats::pre_authentication_encoding("\xC3\xA9", as_bytes("\xC3\xA9"));
  CHECK(as_text(encoding) == "DSSEv1 2 \xC3\xA9 2 \xC3\xA9");
}

TEST_CASE("of several signatures one by a trusted key is enough, whatever its keyid",
          "[envelope][ATT-10][ATT-11][ATT-12][ATT-13][ATT-14]") {
  const World w;
  const std::string good = w.signature(w.key, w.statement);
  const std::string stranger = w.signature(w.stranger, w.statement);
  CHECK(w.outcome(World::envelope(w.statement, stranger + "," + good)) == "accepted");
  // The trusted key's is broken, the stranger's is good.
  const std::string broken = w.signature(w.key, w.statement + " ");
  CHECK(w.outcome(World::envelope(w.statement, stranger + "," + broken)) == "signature.invalid");
  // A keyid that says whose it is makes it nobody's.
  std::string named = stranger;
  named.replace(named.find(R"("keyid":"")"), 10, R"("keyid":")" + w.key.public_key().hint() + "\"");
  CHECK(w.outcome(World::envelope(w.statement, named)) == "signature.invalid");
  CHECK(w.outcome(World::envelope(w.statement, "")) == "format.signature");

  // Of several reasons the nearest is told, wherever it stands: nobody else's signature is near.
  World logged;
  logged.demand.require_log = true;
  const std::string unlogged = logged.signature(logged.key, logged.statement);
  CHECK(logged.outcome(World::envelope(logged.statement, unlogged)) == "signature.log-missing");
  for (const std::string& both : {unlogged + "," + stranger, stranger + "," + unlogged}) {
    CHECK(logged.outcome(World::envelope(logged.statement, both)) == "signature.invalid");
  }

  // The same key twice is one signer.
  std::string twice = good;
  twice.replace(twice.find(R"("keyid":"")"), 10, R"("keyid":"other")");
  const auto evidence = w.judge(World::layer(World::envelope(w.statement, good + "," + twice)));
  REQUIRE(evidence);
  CHECK(evidence->signer.trusted.key == w.key.public_key());

  std::string sixteen = good;
  for (int i = 1; i < 16; ++i) sixteen = stranger + "," + sixteen;
  CHECK(w.outcome(World::envelope(w.statement, sixteen)) == "accepted");
  CHECK(w.outcome(World::envelope(w.statement, stranger + "," + sixteen)) == "limit.count");
}

TEST_CASE("a legacy attestation by a certificate of an authority is evidence", "[envelope]") {
  World w;
  const Entity root = issue(CertificateText::authority("Root"), nullptr);
  const Entity leaf = issue(CertificateText::leaf(), &root);
  w.demand.signers.clear();
  w.demand.authorities = {{trust::TrustedCertificate{root.certificate(), "", {}, {}, ""}, "root"}};
  const std::string text =
      World::envelope(w.statement, w.signature(leaf.private_key(), w.statement));
  EnvelopeLayer layer = World::layer(text);
  layer.descriptor.annotations[std::string(formats::certificate_annotation)] = leaf.pem();
  const auto at = std::chrono::sys_seconds(1'800'000'000s);
  const auto evidence = examine({"test", layer}, w.image, w.demand, at);
  REQUIRE(evidence);
  CHECK(evidence->certified->path.certificates.front() == leaf.certificate());
  CHECK(w.outcome(text) == "certificate.missing");
}

}  // namespace touchstone::verify
