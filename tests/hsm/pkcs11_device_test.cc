// Keys on a SoftHSM token.
#include "hsm/pkcs11_device.h"

#include <openssl/pem.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "crypto/openssl.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "hsm/keys.h"
#include "hsm/pkcs11_uri.h"
#include "tests/support/soft_token.h"
#include "verify/signed_content.h"

namespace touchstone::hsm {
namespace {

using test::SoftToken;
using test::TokenKeyKind;
using Tries = KeyDescription::Tries;

const Bytes message = to_bytes("what is signed");

// Opens, unlocks, signs, and checks with a verifier of its own.
void sign_and_verify(const std::string& uri, Scheme scheme) {
  const auto leaks = scheme == Scheme::ed25519
                         ? std::optional<test::SoftHsmLeaksHere>(std::in_place)
                         : std::nullopt;
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

  // The same by its digest, where the key signs that.
  const auto hash = verify::hash_of(scheme);
  const auto by_digest =
      (*key)->sign_digest(scheme, crypto::hash(hash.value_or(crypto::Hash::sha512), message));
  CHECK(by_digest.operator bool() == hash.has_value());
  if (by_digest) CHECK(public_key->verify(scheme, message, *by_digest));
  const auto short_digest = (*key)->sign_digest(scheme, Bytes(20));
  REQUIRE_FALSE(short_digest);
  CHECK(short_digest.error().code == Code::device_algorithm);
}

// Self-signed, in DER; only its key matters.
Bytes certificate_of(const crypto::PrivateKey& key) {
  const std::string pem = key.pem();
  const crypto::Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const crypto::Pkey pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  const crypto::X509Handle certificate(X509_new());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  REQUIRE(X509_set_pubkey(certificate.get(), pkey.get()) == 1);
  REQUIRE(X509_sign(certificate.get(), pkey.get(), EVP_sha256()) > 0);
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate.get(), &der);
  REQUIRE(size > 0);
  const Bytes bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
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

TEST_CASE("a description tells what there is before any PIN is asked", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "k;1", {0x0A, 0xFF});

  const auto key = open_key(token.uri("token=rel") + "&pin-source=/run/pin");

  REQUIRE(key);
  const KeyDescription& description = (*key)->describe();
  CHECK(description.hardware);
  CHECK(description.needs_pin);
  CHECK_FALSE(description.pin_for_each_signature);
  CHECK(description.tries == Tries::normal);
  CHECK(description.pin_source == "/run/pin");
  CHECK(description.device.starts_with("SoftHSM v2 token \"rel\" (serial "));
  CHECK(crypto::PublicKey::from_der(description.public_key));
  // The name leads back to the same key.
  CHECK(description.name.contains("object=k%3B1"));
  CHECK(description.name.contains("id=%0A%FF"));
  const auto again = open_key(description.name);
  REQUIRE(again);
  CHECK((*again)->describe().public_key == description.public_key);
  CHECK((*again)->describe().name == description.name);
}

TEST_CASE("a key is selected by token, serial, object and id", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "a;b", {1});
  token.generate(TokenKeyKind::p256, "other", {2});
  token.add_token("second");
  token.generate(TokenKeyKind::p256, "a;b", {1}, {.token = "second"});
  const auto all = list_keys(token.uri(""));
  REQUIRE(all);
  REQUIRE(all->keys.size() == 3);
  std::string serial;
  for (const KeyDescription& key : all->keys) {
    const auto uri = Pkcs11Uri::parse(key.name);
    REQUIRE(uri);
    if (uri->token == "second") serial = uri->serial.value_or("");
  }
  REQUIRE_FALSE(serial.empty());

  struct Row {
    const char* why;
    std::string path;
    std::optional<Code> code;
  };
  const std::vector<Row> rows = {
      {"object, percent-encoded", "token=rel;object=a%3Bb", {}},
      {"id", "token=rel;id=%02", {}},
      {"object and id", "token=rel;object=other;id=%02", {}},
      {"serial", "serial=" + serial, {}},
      {"token and serial", "token=second;serial=" + serial, {}},
      {"library and slot",
       "token=second;library-manufacturer=SoftHSM;slot-manufacturer=SoftHSM%20project",
       {}},
      {"type", "token=second;type=private", {}},
      {"model and manufacturer",
       "token=second;model=SoftHSM%20v2;manufacturer=SoftHSM%20project",
       {}},
      {"several tokens", "object=other", Code::device_ambiguous},
      {"several keys", "token=rel", Code::device_ambiguous},
      {"another token", "token=third", Code::device_not_found},
      {"the beginning of a label", "token=re", Code::device_not_found},
      {"a blank too many", "token=rel%20", Code::device_not_found},
      {"token of one, serial of the other", "token=rel;serial=" + serial, Code::device_not_found},
      {"another library", "token=rel;library-description=x", Code::device_not_found},
      {"another library version", "token=rel;library-version=99.0", Code::device_not_found},
      {"another slot", "token=rel;slot-id=424242", Code::device_not_found},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const auto key = open_key(token.uri(row.path));
    CHECK(static_cast<bool>(key) == !row.code);
    if (!key && row.code) CHECK(key.error().code == *row.code);
  }
}

TEST_CASE("ambiguity and absence show what there is", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "one", {1});
  token.generate(TokenKeyKind::p256, "two", {2});

  const auto keys = open_key(token.uri("token=rel"));
  REQUIRE_FALSE(keys);
  CHECK(keys.error().message.contains("object=one;id=%01"));
  CHECK(keys.error().message.contains("object=two;id=%02"));

  const auto tokens = open_key(token.uri("token=absent"));
  REQUIRE_FALSE(tokens);
  CHECK(tokens.error().message.contains("token \"rel\""));
}

TEST_CASE("two keys with one label or one id are ambiguous", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "k", {1});
  token.generate(TokenKeyKind::p384, "k", {1});

  for (const char* path : {"token=rel;object=k", "token=rel;id=%01", "token=rel;object=k;id=%01"}) {
    const auto key = open_key(token.uri(path));
    REQUIRE_FALSE(key);
    CHECK(key.error().code == Code::device_ambiguous);
  }
}

TEST_CASE("two keys whose public halves are hidden are ambiguous after login", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "k", {1}, {.keep_public = false});
  token.generate(TokenKeyKind::p256, "k", {2}, {.keep_public = false});

  const auto key = open_key(token.uri("token=rel;object=k"));
  REQUIRE(key);
  const auto unlocked = (*key)->unlock(Secret(SoftToken::pin));
  REQUIRE_FALSE(unlocked);
  CHECK(unlocked.error().code == Code::device_ambiguous);
}

TEST_CASE("a key whose halves have two names is found by either", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  for (const bool hidden : {true, false}) {
    token.generate(TokenKeyKind::p256, hidden ? "key 1" : "key 2",
                   {static_cast<std::uint8_t>(hidden ? 1 : 2)},
                   {.private_object = hidden, .public_label = hidden ? "pubkey 1" : "pubkey 2"});
  }
  for (const char* path : {"object=key%201", "object=pubkey%201", "object=pubkey%201;id=%01",
                           "object=key%202", "object=pubkey%202", "id=%01"}) {
    CAPTURE(path);
    sign_and_verify(token.uri(path), Scheme::ecdsa_sha256);
  }
  // Each name is listed, and taken.
  const auto listed = list_keys(token.uri("token=rel"));
  REQUIRE(listed);
  REQUIRE(listed->keys.size() == 2);
  for (const auto& key : listed->keys) sign_and_verify(key.name, Scheme::ecdsa_sha256);
}

TEST_CASE("two private keys behind the name of a public one are ambiguous", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "key 1", {1}, {.public_label = "pubkey"});
  token.generate(TokenKeyKind::p256, "key 2", {1}, {.keep_public = false});
  const auto key = open_key(token.uri("object=pubkey"));
  REQUIRE(key);
  const auto unlocked = (*key)->unlock(Secret(SoftToken::pin));
  REQUIRE_FALSE(unlocked);
  CHECK(unlocked.error().code == Code::device_ambiguous);
}

TEST_CASE("two tokens with one label are told apart by serial", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.add_token("rel");

  const auto key = open_key(token.uri("token=rel"));

  REQUIRE_FALSE(key);
  CHECK(key.error().code == Code::device_ambiguous);
  CHECK(key.error().message.contains("serial="));
}

TEST_CASE("a key that is not there is found missing after login", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "k", {1});

  const auto key = open_key(token.uri("token=rel;object=absent"));
  REQUIRE(key);
  CHECK((*key)->describe().public_key.empty());
  const auto unlocked = (*key)->unlock(Secret(SoftToken::pin));
  REQUIRE_FALSE(unlocked);
  CHECK(unlocked.error().code == Code::device_key_not_found);
}

TEST_CASE("an Ed25519 key does not disturb the others", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::ed25519, "ed", {1});
  token.generate(TokenKeyKind::p256, "ec", {2});
  token.generate(TokenKeyKind::rsa2048, "rsa", {3});

  sign_and_verify(token.uri("token=rel;object=ed"), Scheme::ed25519);
  sign_and_verify(token.uri("token=rel;object=ec"), Scheme::ecdsa_sha256);
  sign_and_verify(token.uri("token=rel;object=rsa"), Scheme::rsa_pkcs1_sha256);
  const auto keys = list_keys(token.uri(""));
  REQUIRE(keys);
  CHECK(keys->keys.size() == 3);
  for (const KeyDescription& key : keys->keys) {
    CAPTURE(key.name);
    CHECK_FALSE(key.public_key.empty());
  }
}

TEST_CASE("schemes that do not fit the key are refused", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "ec", {1});
  token.generate(TokenKeyKind::rsa2048, "rsa", {2});
  struct Row {
    const char* object;
    Scheme scheme;
  };
  const std::vector<Row> rows = {{"ec", Scheme::ecdsa_sha384},
                                 {"ec", Scheme::rsa_pkcs1_sha256},
                                 {"ec", Scheme::ed25519},
                                 {"rsa", Scheme::ecdsa_sha256},
                                 {"rsa", Scheme::ed25519}};
  for (const Row& row : rows) {
    CAPTURE(row.object, static_cast<int>(row.scheme));
    const auto key = open_key(token.uri("token=rel;object=" + std::string(row.object)));
    REQUIRE(key);
    REQUIRE((*key)->unlock(Secret(SoftToken::pin)));
    const auto signature = (*key)->sign(row.scheme, message);
    REQUIRE_FALSE(signature);
    CHECK(signature.error().code == Code::device_algorithm);
  }
}

TEST_CASE("a locked key signs nothing", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "k", {1});
  const auto key = open_key(token.uri("token=rel"));
  REQUIRE(key);

  const auto signature = (*key)->sign(Scheme::ecdsa_sha256, message);
  REQUIRE_FALSE(signature);
  CHECK(signature.error().code == Code::device_pin_needed);
  struct Row {
    const char* why;
    std::string pin;
    Code code;
  };
  for (const Row& row :
       std::vector<Row>{{"empty", "", Code::device_pin_needed},
                        {"a NUL", std::string("648219\0x", 8), Code::device_pin_unusable},
                        {"too long", std::string(300, '1'), Code::device_pin_unusable}}) {
    CAPTURE(row.why);
    const auto unlocked = (*key)->unlock(Secret(row.pin));
    REQUIRE_FALSE(unlocked);
    CHECK(unlocked.error().code == row.code);
  }
  CHECK((*key)->describe().tries == Tries::normal);
}

TEST_CASE("a wrong PIN is tried once, and the flag is seen by the next", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "k", {1});
  {
    const auto key = open_key(token.uri("token=rel"));
    REQUIRE(key);
    const auto unlocked = (*key)->unlock(Secret("13572468"));
    REQUIRE_FALSE(unlocked);
    CHECK(unlocked.error().code == Code::device_pin_wrong);
    CHECK_FALSE(unlocked.error().message.contains("13572468"));
    CHECK(unlocked.error().message.contains("few tries are left"));
    CHECK((*key)->describe().tries == Tries::low);
  }
  const auto key = open_key(token.uri("token=rel"));
  REQUIRE(key);
  CHECK((*key)->describe().tries == Tries::low);
  CHECK((*key)->unlock(Secret(SoftToken::pin)));
}

TEST_CASE("a public key is read without a PIN, from the key or its certificate", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p384, "k", {1});
  const auto key = read_public_key(token.uri("token=rel;object=k;type=public"));
  REQUIRE(key);
  CHECK(key->kind() == crypto::KeyKind::p384);

  token.generate(TokenKeyKind::p256, "second", {2});
  const auto several = read_public_key(token.uri("token=rel"));
  REQUIRE_FALSE(several);
  CHECK(several.error().code == Code::device_ambiguous);

  const auto absent = read_public_key(token.uri("token=rel;object=absent"));
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == Code::device_key_not_found);

  const auto made = crypto::PrivateKey::generate(crypto::KeyKind::p256);
  token.add_certificate(certificate_of(made), "c", {9});
  const auto certified = read_public_key(token.uri("token=rel;object=c"));
  REQUIRE(certified);
  CHECK(*certified == made.public_key());
}

TEST_CASE("a hidden public key is known after login when a certificate tells it", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::rsa2048, "k", {1}, {.keep_public = false});

  const auto key = open_key(token.uri("token=rel;object=k"));
  REQUIRE(key);
  CHECK((*key)->describe().public_key.empty());
  REQUIRE((*key)->unlock(Secret(SoftToken::pin)));
  // RSA private keys carry modulus and exponent.
  CHECK_FALSE((*key)->describe().public_key.empty());
  CHECK((*key)->sign(Scheme::rsa_pkcs1_sha256, message));
}

TEST_CASE("a certificate of another key beside a private key is noticed", "[pkcs11][XP-09]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "k", {1}, {.keep_public = false});
  token.add_certificate(certificate_of(crypto::PrivateKey::generate(crypto::KeyKind::p256)), "k",
                        {1});

  const auto key = open_key(token.uri("token=rel;object=k"));
  REQUIRE(key);
  const auto unlocked = (*key)->unlock(Secret(SoftToken::pin));
  REQUIRE(unlocked);
  const auto signature = (*key)->sign(Scheme::ecdsa_sha256, message);
  REQUIRE_FALSE(signature);
  CHECK(signature.error().code == Code::device_signature);
}

TEST_CASE("a key that wants the PIN each time gets it each time", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "k", {1}, {.always_authenticate = true});
  const auto key = open_key(token.uri("token=rel"));
  REQUIRE(key);
  REQUIRE((*key)->unlock(Secret(SoftToken::pin)));
  CHECK((*key)->describe().pin_for_each_signature);
  for (int i = 0; i < 3; ++i) {
    const auto signature = (*key)->sign(Scheme::ecdsa_sha256, message);
    CAPTURE(signature ? "" : signature.error().message);
    REQUIRE(signature);
  }
}

TEST_CASE("a key that needs no login is used without", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "k", {1}, {.private_object = false});
  const auto key = open_key(token.uri("token=rel"));
  REQUIRE(key);
  CHECK_FALSE((*key)->describe().needs_pin);
  CHECK((*key)->sign(Scheme::ecdsa_sha256, message));
}

TEST_CASE("two keys of one token are used at once", "[pkcs11]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "a", {1});
  token.generate(TokenKeyKind::p256, "b", {2});
  auto a = open_key(token.uri("token=rel;object=a"));
  REQUIRE(a);
  REQUIRE((*a)->unlock(Secret(SoftToken::pin)));
  {
    auto b = open_key(token.uri("token=rel;object=b"));
    REQUIRE(b);
    REQUIRE((*b)->unlock(Secret(SoftToken::pin)));
    CHECK((*b)->sign(Scheme::ecdsa_sha256, message));
  }
  CHECK((*a)->sign(Scheme::ecdsa_sha256, message));
}

TEST_CASE("a child process does not use the parent's token", "[pkcs11][HW-14]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "k", {1});
  auto key = open_key(token.uri("token=rel"));
  REQUIRE(key);
  REQUIRE((*key)->unlock(Secret(SoftToken::pin)));

  const pid_t child = fork();
  if (child == 0) {
    const auto signature = (*key)->sign(Scheme::ecdsa_sha256, message);
    const bool refused = !signature && signature.error().code == Code::device_failed;
    _exit(refused ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK((*key)->sign(Scheme::ecdsa_sha256, message));
}

}  // namespace touchstone::hsm
