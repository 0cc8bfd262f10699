// Private keys: what is written for a file, and what is handed to a device.
#include "crypto/private_key.h"

#include <openssl/bn.h>

#include <catch2/catch.hpp>

#include "base/der.h"
#include "base/der_writer.h"
#include "base/encoding.h"
#include "crypto/openssl.h"
#include "crypto/pem.h"

namespace touchstone::crypto {
namespace {

BigNumber number(std::string_view bytes) {
  return BigNumber(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                             static_cast<int>(bytes.size()), nullptr));
}

}  // namespace

TEST_CASE("an encrypted key opens with its passphrase and no other", "[private-key]") {
  const auto kind =
      GENERATE(KeyKind::p256, KeyKind::p384, KeyKind::p521, KeyKind::rsa, KeyKind::ed25519);
  const auto key = PrivateKey::generate(kind);
  const std::string pem = key.encrypted_pem(Secret("open sesame"));
  CHECK(PrivateKey::is_encrypted(as_bytes(pem)));
  const Secret right("open sesame");
  const Secret wrong("open barley");

  const auto opened = PrivateKey::from_pem(as_bytes(pem), &right);
  REQUIRE(opened);
  CHECK(opened->public_key() == key.public_key());
  CHECK(opened->pem() == key.pem());
  const auto refused = PrivateKey::from_pem(as_bytes(pem), &wrong);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::device_pin_wrong);
  CHECK(PrivateKey::from_pem(as_bytes(pem), nullptr).error().code == Code::device_pin_needed);
}

TEST_CASE("an encrypted key names scrypt and AES-256, and its salt is fresh", "[private-key]") {
  const auto key = PrivateKey::generate(KeyKind::ed25519);
  const auto first = parse_pem(as_bytes(key.encrypted_pem(Secret("open sesame"))));
  const auto second = parse_pem(as_bytes(key.encrypted_pem(Secret("open sesame"))));
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->type == "ENCRYPTED PRIVATE KEY");
  const auto holds = [&](std::initializer_list<std::uint8_t> wanted) {
    return std::search(first->der.begin(), first->der.end(), wanted.begin(), wanted.end()) !=
           first->der.end();
  };
  // id-scrypt, RFC 7914 section 7.1; N 16384, r 8, p 5.
  CHECK(holds({0x06, 0x09, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x04, 0x0B}));
  CHECK(holds({0x02, 0x02, 0x40, 0x00, 0x02, 0x01, 0x08, 0x02, 0x01, 0x05}));
  // aes256-CBC, RFC 3565.
  CHECK(holds({0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2A}));
  CHECK(first->der != second->der);
}

TEST_CASE("the numbers of an RSA key are those of the key", "[private-key]") {
  const auto numbers = PrivateKey::generate(KeyKind::rsa).numbers();
  REQUIRE(numbers);
  const BigNumber p = number(numbers->prime1.reveal());
  const BigNumber q = number(numbers->prime2.reveal());
  const BigNumber modulus = number(as_text(numbers->modulus));
  const BigNumber product(BN_new());
  const Handle<BN_CTX, BN_CTX_free> context(BN_CTX_new());
  REQUIRE(BN_mul(product.get(), p.get(), q.get(), context.get()) == 1);
  CHECK(BN_cmp(product.get(), modulus.get()) == 0);
  CHECK(numbers->public_exponent == Bytes{0x01, 0x00, 0x01});
  // dP is the private exponent modulo p - 1, qInv the inverse of q modulo p.
  const BigNumber d = number(numbers->private_exponent.reveal());
  const BigNumber dp = number(numbers->exponent1.reveal());
  const BigNumber below(BN_dup(p.get()));
  BN_sub_word(below.get(), 1);
  REQUIRE(BN_mod(product.get(), d.get(), below.get(), context.get()) == 1);
  CHECK(BN_cmp(product.get(), dp.get()) == 0);
  const BigNumber inverse = number(numbers->coefficient.reveal());
  REQUIRE(BN_mod_mul(product.get(), inverse.get(), q.get(), p.get(), context.get()) == 1);
  CHECK(BN_is_one(product.get()) == 1);
  CHECK_FALSE(numbers->exponent2.empty());
}

TEST_CASE("a digest is signed as its message is", "[private-key]") {
  const Bytes message = to_bytes("message");
  struct Row {
    KeyKind kind;
    Scheme scheme;
    Hash hash;
  };
  const auto row = GENERATE(values<Row>({{KeyKind::p256, Scheme::ecdsa_sha256, Hash::sha256},
                                         {KeyKind::p384, Scheme::ecdsa_sha384, Hash::sha384},
                                         {KeyKind::p521, Scheme::ecdsa_sha512, Hash::sha512},
                                         {KeyKind::rsa, Scheme::rsa_pkcs1_sha256, Hash::sha256},
                                         {KeyKind::rsa, Scheme::rsa_pss_sha384, Hash::sha384}}));
  const auto key = PrivateKey::generate(row.kind);
  const auto signature = key.sign_digest(row.scheme, hash(row.hash, message));
  REQUIRE(signature);
  CHECK(key.public_key().verify(row.scheme, message, *signature));
  CHECK(key.sign_digest(row.scheme, Bytes(20)).error().code == Code::device_algorithm);
  CHECK(key.sign_digest(Scheme::ed25519, hash(row.hash, message)).error().code ==
        Code::device_algorithm);
}

TEST_CASE("the numbers of other keys have their width", "[private-key]") {
  struct Row {
    KeyKind kind;
    std::size_t point;
    std::size_t scalar;
  };
  for (const Row& row : std::vector<Row>{{KeyKind::p256, 65, 32},
                                         {KeyKind::p384, 97, 48},
                                         {KeyKind::p521, 133, 66},
                                         {KeyKind::ed25519, 32, 32}}) {
    CAPTURE(static_cast<int>(row.kind));
    const auto key = PrivateKey::generate(row.kind);
    const auto numbers = key.numbers();
    REQUIRE(numbers);
    CHECK(numbers->point.size() == row.point);
    CHECK(numbers->scalar.size() == row.scalar);
    const Bytes& spki = key.public_key().der();
    CHECK(std::equal(numbers->point.rbegin(), numbers->point.rend(), spki.rbegin()));
  }
}

TEST_CASE("a key opens in each of its encodings, and rubbish does not", "[private-key]") {
  CHECK_FALSE(PrivateKey::is_encrypted({}));
  CHECK_FALSE(PrivateKey::is_encrypted(to_bytes("rubbish")));

  const auto key = PrivateKey::generate(KeyKind::p256);
  CHECK_FALSE(PrivateKey::is_encrypted(as_bytes(key.pem())));
  Bytes pkcs8 = parse_pem(as_bytes(key.pem()))->der;
  REQUIRE(PrivateKey::from_pkcs8(pkcs8));
  CHECK(PrivateKey::from_pkcs8(pkcs8)->public_key() == key.public_key());
  pkcs8.push_back(0);
  CHECK(PrivateKey::from_pkcs8(pkcs8).error().code == Code::format_key);
  CHECK(PrivateKey::from_pkcs8({}).error().code == Code::format_key);

  // RFC 5915: the scalar and the curve; RFC 8017: what is inside PKCS#8.
  const Bytes curve = *from_hex("a00a06082a8648ce3d030107");
  const Bytes version = *from_hex("020101");
  const Bytes scalar = der::element(der::octet_string, {as_bytes(key.numbers()->scalar.reveal())});
  const Bytes sec1 = der::element(der::sequence, {version, scalar, curve});
  const auto elliptic = PrivateKey::from_pem(as_bytes(to_pem("EC PRIVATE KEY", sec1)), nullptr);
  REQUIRE(elliptic);
  CHECK(elliptic->public_key() == key.public_key());

  const auto rsa = PrivateKey::generate(KeyKind::rsa);
  const Bytes whole = parse_pem(as_bytes(rsa.pem()))->der;
  const Bytes pkcs1(whole.begin() + 26, whole.end());
  const auto inner = PrivateKey::from_pem(as_bytes(to_pem("RSA PRIVATE KEY", pkcs1)), nullptr);
  REQUIRE(inner);
  CHECK(inner->public_key() == rsa.public_key());

  const Secret passphrase("open sesame");
  for (const std::string& wrong :
       {to_pem("EC PRIVATE KEY", pkcs1), to_pem("RSA PRIVATE KEY", sec1),
        to_pem("PRIVATE KEY", sec1), to_pem("ENCRYPTED PRIVATE KEY", sec1),
        to_pem("PUBLIC KEY", key.public_key().der())}) {
    CHECK(PrivateKey::from_pem(as_bytes(wrong), &passphrase).error().code == Code::format_key);
  }
}

TEST_CASE("RSA keys whose parts no device takes have no numbers", "[private-key]") {
  const auto numbers = *PrivateKey::generate(KeyKind::rsa).numbers();
  const auto part = [](const Secret& secret) {
    return der::unsigned_number(as_bytes(secret.reveal()));
  };
  const Bytes zero = *from_hex("020100");
  const Bytes modulus = der::unsigned_number(numbers.modulus);
  const Bytes exponent = der::unsigned_number(numbers.public_exponent);
  const auto key = [&](const Bytes& prime) {
    const Bytes der =
        der::element(der::sequence, {zero, modulus, exponent, part(numbers.private_exponent), prime,
                                     part(numbers.prime2), part(numbers.exponent1),
                                     part(numbers.exponent2), part(numbers.coefficient)});
    const auto read = PrivateKey::from_pem(as_bytes(to_pem("RSA PRIVATE KEY", der)), nullptr);
    REQUIRE(read);
    return read->numbers();
  };
  CHECK(key(part(numbers.prime1)));
  const auto lacking = key(zero);
  REQUIRE_FALSE(lacking);
  CHECK(lacking.error().code == Code::format_key);
}

}  // namespace touchstone::crypto
