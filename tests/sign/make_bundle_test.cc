#include "sign/make_bundle.h"

#include <catch2/catch.hpp>

#include "formats/statement.h"
#include "tests/support/memory_device.h"
#include "verify/examine.h"

namespace touchstone::sign {
namespace {

using crypto::Hash;
using crypto::KeyKind;
using test::MemoryDevice;
using verify::Artifact;
using verify::WantedContent;

const Bytes file = to_bytes("a file");
const WantedContent a_file{WantedContent::Kind::file_signature, {}};

Artifact digests(std::initializer_list<Hash> known) {
  std::map<Hash, Bytes> all;
  for (const Hash hash : known) all.emplace(hash, crypto::hash(hash, file));
  return Artifact::of(std::move(all));
}

formats::MessageSignature message_in(const MadeBundle& made) {
  const auto bundle = formats::SigstoreBundle::parse(made.bundle);
  REQUIRE(bundle);
  return std::get<formats::MessageSignature>(bundle->content);
}

// Says what it saw, and adds a timestamp.
class Witness : public Witnessing {
 public:
  Status witness(const verify::SignedContent& content, const crypto::PublicKey& key,
                 formats::SigstoreBundle& bundle) override {
    saw_good_signature = content.matching_scheme(key, bundle.signature()).has_value();
    if (fails) return Error{Code::network_timeout, "no answer", ""};
    bundle.timestamps.push_back({0x30, 0x00});
    return ok();
  }
  Status check(const verify::Candidate& finished, const ToSign&) override {
    const auto bundle = formats::SigstoreBundle::parse(std::get<Bytes>(finished.content));
    checked = bundle && bundle->timestamps.size() == 1;
    if (refuses) return Error{Code::signature_timestamp, "not ours", ""};
    return ok();
  }

  bool fails = false;
  bool refuses = false;
  bool saw_good_signature = false;
  bool checked = false;
};

}  // namespace

TEST_CASE("a file is signed by the key's hash, as cosign writes it", "[sign]") {
  struct Row {
    KeyKind kind;
    Scheme scheme;
    std::optional<Hash> hash;
  };
  const auto row = GENERATE(values<Row>({{KeyKind::p256, Scheme::ecdsa_sha256, Hash::sha256},
                                         {KeyKind::p384, Scheme::ecdsa_sha384, Hash::sha384},
                                         {KeyKind::p521, Scheme::ecdsa_sha512, Hash::sha512},
                                         {KeyKind::rsa, Scheme::rsa_pkcs1_sha256, Hash::sha256},
                                         {KeyKind::ed25519, Scheme::ed25519, std::nullopt}}));
  MemoryDevice device(row.kind);
  const auto made = make_bundle({device, device.key()}, {Artifact::of(file), a_file});
  REQUIRE(made);
  CHECK(device.signatures == 1);
  CHECK(device.last_scheme == row.scheme);
  CHECK(made->evidence.scheme == row.scheme);
  const auto message = message_in(*made);
  CHECK(message.hash == row.hash);
  CHECK(message.digest == (row.hash ? crypto::hash(*row.hash, file) : Bytes()));
  const std::string text(as_text(made->bundle));
  CHECK(text.contains(R"("publicKey":{"hint":")" + device.key().hint() + "\"}"));
  CHECK(text.contains(R"("messageDigest":{})") == !row.hash);
}

TEST_CASE("a digest is signed where it is the one that the key signs", "[sign]") {
  MemoryDevice p256(KeyKind::p256);
  MemoryDevice p384(KeyKind::p384);
  MemoryDevice ed25519(KeyKind::ed25519);
  const auto signs = [](MemoryDevice& device, const Artifact& artifact) {
    const auto made = make_bundle({device, device.key()}, {artifact, a_file});
    CHECK(device.signatures == (made ? 1 : 0));
    device.signatures = 0;
    return made ? "made" : std::string(slug(made.error().code));
  };
  CHECK(signs(p256, digests({Hash::sha256})) == "made");
  CHECK(signs(p256, digests({Hash::sha512})) == "usage.arguments");
  CHECK(signs(p384, digests({Hash::sha256})) == "usage.arguments");
  CHECK(signs(p384, digests({Hash::sha256, Hash::sha384})) == "made");
  CHECK(signs(ed25519, digests({Hash::sha256, Hash::sha384, Hash::sha512})) == "usage.arguments");

  const auto made = make_bundle({p256, p256.key()}, {digests({Hash::sha256}), a_file});
  verify::Demand demand;
  demand.signers = {{trust::TrustedKey{p256.key(), "", {}, {}, ""}, "key"}};
  demand.content = a_file;
  CHECK(verify::examine({"", made->bundle}, Artifact::of(file), demand, {}));
}

TEST_CASE("a signature that does not verify is not given out", "[sign]") {
  MemoryDevice device;
  device.spoil = true;
  const Artifact artifact = Artifact::of(file);
  CHECK(make_bundle({device, device.key()}, {artifact, a_file}).error().code ==
        Code::device_signature);
  // Nor one of content that is not what it is given out for.
  MemoryDevice good;
  const ToSign wrong{artifact,
                     {WantedContent::Kind::attestation, "https://a.example/type"},
                     to_bytes(formats::write_statement(artifact.names().front(), "",
                                                       "https://b.example/type", "{}"))};
  CHECK(make_bundle({good, good.key()}, wrong).error().code == Code::device_signature);
  const ToSign elsewhere{artifact,
                         {WantedContent::Kind::attestation, ""},
                         to_bytes(formats::write_statement(crypto::digest_of(as_bytes("other")), "",
                                                           "https://b.example/type", "{}"))};
  CHECK(make_bundle({good, good.key()}, elsewhere).error().code == Code::device_signature);
}

TEST_CASE("witnesses see the signature, and check what is finished", "[sign]") {
  const Artifact artifact = Artifact::of(file);
  const auto statement = GENERATE(true, false);
  const ToSign what =
      statement
          ? ToSign{artifact,
                   {WantedContent::Kind::attestation, ""},
                   to_bytes(formats::write_statement(artifact.names().front(), "", "a:b", "{}"))}
          : ToSign{artifact, a_file};
  MemoryDevice device;
  Witness witness;
  const Signer signer{device, device.key(), {}, &witness};
  const auto made = make_bundle(signer, what);
  REQUIRE(made);
  CHECK(witness.saw_good_signature);
  CHECK(witness.checked);
  CHECK(formats::SigstoreBundle::parse(made->bundle)->timestamps.size() == 1);

  witness.refuses = true;
  CHECK(make_bundle(signer, what).error().code == Code::signature_timestamp);
  witness.fails = true;
  CHECK(make_bundle(signer, what).error().code == Code::network_timeout);
}

}  // namespace touchstone::sign
