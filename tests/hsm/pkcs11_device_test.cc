// Keys on a SoftHSM token.
#include "hsm/pkcs11_device.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "crypto/public_key.h"
#include "hsm/keys.h"
#include "hsm/pkcs11_uri.h"
#include "tests/support/soft_token.h"

namespace touchstone::hsm {
namespace {

using test::SoftToken;
using test::TokenKeyKind;
using Tries = KeyDescription::Tries;

const Bytes message = to_bytes("what is signed");

// Opens, unlocks, signs, and checks with a verifier of its own.
void sign_and_verify(const std::string& uri, Scheme scheme) {
  auto key = open_key(uri);
  REQUIRE(key);
  auto unlocked = (*key)->unlock(Secret(SoftToken::pin));
  CAPTURE(unlocked ? "" : unlocked.error().message);
  REQUIRE(unlocked);
  auto spki = (*key)->public_key();
  REQUIRE(spki);
  const auto signature = (*key)->sign(scheme, message);
  CAPTURE(signature ? "" : signature.error().message);
  REQUIRE(signature);
  const auto public_key = crypto::PublicKey::from_der(*spki);
  REQUIRE(public_key);
  CHECK(public_key->verify(scheme, message, *signature));
  CHECK_FALSE(public_key->verify(scheme, to_bytes("something else"), *signature));
}

}  // namespace

TEST_CASE("each kind of key on a token signs", "[pkcs11]") {
  if (!SoftToken::available()) return;
  struct Row {
    const char* why;
    TokenKeyKind kind;
    std::vector<Scheme> schemes;
  };
  const auto row = GENERATE(values<Row>({
      {"P-256", TokenKeyKind::p256, {Scheme::ecdsa_sha256}},
      {"P-384", TokenKeyKind::p384, {Scheme::ecdsa_sha384, Scheme::ecdsa_sha256}},
      {"P-521", TokenKeyKind::p521, {Scheme::ecdsa_sha512, Scheme::ecdsa_sha256}},
      {"RSA-2048",
       TokenKeyKind::rsa2048,
       {Scheme::rsa_pkcs1_sha256, Scheme::rsa_pkcs1_sha384, Scheme::rsa_pkcs1_sha512,
        Scheme::rsa_pss_sha256, Scheme::rsa_pss_sha384, Scheme::rsa_pss_sha512}},
      {"RSA-3072", TokenKeyKind::rsa3072, {Scheme::rsa_pkcs1_sha256}},
      {"Ed25519", TokenKeyKind::ed25519, {Scheme::ed25519}},
  }));
  CAPTURE(row.why);
  SoftToken token;
  token.generate(row.kind, "k", {1});

  for (const Scheme scheme : row.schemes) {
    CAPTURE(static_cast<int>(scheme));
    sign_and_verify(token.uri("token=rel;object=k"), scheme);
  }
}

}  // namespace touchstone::hsm
