// HW-22: tokens whose random numbers repeat.
#include "hsm/nonce_watch.h"

#include <openssl/pem.h>

#include <catch2/catch.hpp>

#include "crypto/openssl.h"
#include "hsm/keys.h"
#include "tests/support/emulated_readers.h"
#include "tests/support/faulty_token.h"
#include "tests/support/memory_device.h"
#include "tests/support/one_nonce.h"

namespace touchstone::hsm {
namespace {

using test::EmulatedReaders;
using test::FaultyToken;
using test::MemoryDevice;
using test::SoftToken;

const Bytes first = to_bytes("first message");
const Bytes second = to_bytes("second message");

crypto::Pkey openssl_key(const crypto::PrivateKey& key) {
  const std::string pem = key.pem();
  const crypto::Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return crypto::Pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

// Signatures that verify, each made with the same secret number.
class RepeatingDevice : public MemoryDevice {
 public:
  explicit RepeatingDevice(const crypto::PrivateKey& key)
      : MemoryDevice(key), pkey_(openssl_key(key)) {}
  Result<Bytes> sign(Scheme scheme, ByteView message) override {
    const auto hash = scheme == Scheme::ecdsa_sha384 ? crypto::Hash::sha384 : crypto::Hash::sha256;
    return sign_digest(scheme, crypto::hash(hash, message));
  }
  Result<Bytes> sign_digest(Scheme, ByteView digest) override {
    ++signatures;
    test::RawSignature raw =
        test::sign_with_one_nonce(pkey_.get(), Bytes(digest.begin(), digest.end()));
    raw.r.insert(raw.r.end(), raw.s.begin(), raw.s.end());
    return *crypto::ecdsa_der_from_raw(raw.r);
  }

 private:
  crypto::Pkey pkey_;
};

// A device that says always the same.
class Parrot : public MemoryDevice {
 public:
  explicit Parrot(Bytes answer) : answer_(std::move(answer)) {}
  Result<Bytes> sign(Scheme, ByteView) override { return answer_; }

 private:
  Bytes answer_;
};

template <class T>
Code code_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

}  // namespace

TEST_CASE("HW-22: a second signature with the same secret number is not handed out", "[nonce]") {
  for (const auto kind : {crypto::KeyKind::p256, crypto::KeyKind::p384}) {
    const auto private_key = crypto::PrivateKey::generate(kind);
    auto device = std::make_unique<RepeatingDevice>(private_key);
    const RepeatingDevice& made = *device;
    const auto key = watch_nonces(std::move(device));
    const Scheme scheme = private_key.public_key().signing_scheme();

    const auto good = key->sign(scheme, first);
    REQUIRE(good);
    CHECK(private_key.public_key().verify(scheme, first, *good));
    CHECK(code_of(key->sign(scheme, second)) == Code::device_nonce);
    // Nor is the device asked for any more.
    CHECK(made.signatures == 2);
    CHECK(code_of(key->sign(scheme, first)) == Code::device_nonce);
    CHECK(made.signatures == 2);
  }
}

TEST_CASE("HW-22: the same message with another hash is another message", "[nonce]") {
  const auto private_key = crypto::PrivateKey::generate(crypto::KeyKind::p384);
  const auto key = watch_nonces(std::make_unique<RepeatingDevice>(private_key));
  REQUIRE(key->sign(Scheme::ecdsa_sha384, first));
  CHECK(code_of(key->sign(Scheme::ecdsa_sha256, first)) == Code::device_nonce);
}

TEST_CASE("HW-22: one message may be signed twice alike, as RFC 6979 does", "[nonce]") {
  const auto private_key = crypto::PrivateKey::generate(crypto::KeyKind::p256);
  const auto key = watch_nonces(std::make_unique<RepeatingDevice>(private_key));
  const auto once = key->sign(Scheme::ecdsa_sha256, first);
  const auto again = key->sign(Scheme::ecdsa_sha256, first);
  REQUIRE(once);
  REQUIRE(again);
  CHECK(*once == *again);
  CHECK(code_of(key->sign(Scheme::ecdsa_sha256, second)) == Code::device_nonce);
}

TEST_CASE("HW-22: a digest is watched as its message is", "[nonce]") {
  const auto private_key = crypto::PrivateKey::generate(crypto::KeyKind::p256);
  const auto key = watch_nonces(std::make_unique<RepeatingDevice>(private_key));
  const auto digest_of = [](const Bytes& message) {
    return crypto::hash(crypto::Hash::sha256, message);
  };
  REQUIRE(key->sign(Scheme::ecdsa_sha256, first));
  REQUIRE(key->sign_digest(Scheme::ecdsa_sha256, digest_of(first)));
  CHECK(code_of(key->sign_digest(Scheme::ecdsa_sha256, digest_of(second))) == Code::device_nonce);
  CHECK(code_of(key->sign_digest(Scheme::ecdsa_sha256, digest_of(first))) == Code::device_nonce);
}

TEST_CASE("HW-22: signatures that are not ECDSA have no such number", "[nonce]") {
  const Bytes answer = to_bytes("any bytes");
  const auto key = watch_nonces(std::make_unique<Parrot>(answer));
  for (const Scheme scheme : {Scheme::ed25519, Scheme::rsa_pkcs1_sha256, Scheme::rsa_pss_sha512}) {
    CHECK(*key->sign(scheme, first) == answer);
    CHECK(*key->sign(scheme, second) == answer);
  }
}

TEST_CASE("HW-22: an ECDSA signature that is no DER is refused", "[nonce]") {
  for (const Bytes& answer : {to_bytes("raw"), Bytes{0x30, 0x03, 0x04, 0x01, 0x01}, Bytes{}}) {
    const auto key = watch_nonces(std::make_unique<Parrot>(answer));
    for (const Scheme scheme : {Scheme::ecdsa_sha256, Scheme::ecdsa_sha384, Scheme::ecdsa_sha512}) {
      CHECK(code_of(key->sign(scheme, first)) == Code::device_signature);
    }
  }
}

TEST_CASE("good devices sign as often as they like", "[nonce]") {
  const auto key = watch_nonces(std::make_unique<MemoryDevice>());
  for (int i = 0; i < 50; ++i) CHECK(key->sign(Scheme::ecdsa_sha256, to_bytes(std::to_string(i))));
}

TEST_CASE("HW-22: a PIV card is watched", "[nonce][piv]") {
  KeyOptions options;
  const auto readers = std::make_shared<EmulatedReaders>();
  (void)readers->add("Yubico YubiKey 00 00", {"key 9a p256", "one-nonce"});
  options.readers = readers;
  const auto key = open_key("yubikey:9a", options);
  REQUIRE(key);
  REQUIRE((*key)->unlock(Secret("123456")));
  REQUIRE((*key)->sign(Scheme::ecdsa_sha256, first));
  CHECK(code_of((*key)->sign(Scheme::ecdsa_sha256, second)) == Code::device_nonce);
}

TEST_CASE("HW-22: a PKCS#11 token is watched", "[nonce][pkcs11]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  const auto private_key = crypto::PrivateKey::generate(crypto::KeyKind::p256);
  setenv("TOUCHSTONE_TEST_KEY", token.token().folder().write("key.pem", private_key.pem()).c_str(),
         1);
  {
    const auto manager = open_key_manager(token.uri("token=rel;object=known"));
    REQUIRE(manager);
    REQUIRE((*manager)->authorize(Secret(SoftToken::pin)));
    REQUIRE((*manager)->import_key(private_key, {}, Existing::refuse));
  }
  const auto key = open_key(token.uri("token=rel;object=known"));
  REQUIRE(key);
  REQUIRE((*key)->unlock(Secret(SoftToken::pin)));
  token.fault("one-nonce");
  const auto good = (*key)->sign(Scheme::ecdsa_sha256, first);
  REQUIRE(good);
  CHECK(private_key.public_key().verify(Scheme::ecdsa_sha256, first, *good));
  CHECK(code_of((*key)->sign(Scheme::ecdsa_sha256, second)) == Code::device_nonce);
  unsetenv("TOUCHSTONE_TEST_KEY");
}

}  // namespace touchstone::hsm
