#include "crypto/public_key.h"

#include <catch2/catch.hpp>

#include "base/der.h"
#include "base/der_writer.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/pem.h"
#include "crypto/private_key.h"
#include "tests/support/authority.h"

namespace touchstone::crypto {
namespace {

const Bytes message = to_bytes("message");

const char* const rsa_1024 =
    "30819f300d06092a864886f70d010101050003818d0030818902818100c0b930828c150d76956a83517edb45"
    "55514c998112b1b7e3951113a4ae940e80a5f773f48dc4f5df5bcc7afc1d14121031b09b6acbd19ed1bd2441"
    "2ea6ac9682e548432f4b3948c365036dde58c3cf1890d12e377f450672e2d57b4e638c154e35fbcd67dcb882"
    "1bf14a96868249825d863f2980123938f68e6ae6ad50d648b10203010001";
const char* const rsa_exponent_3 =
    "30820120300d06092a864886f70d01010105000382010d00308201080282010100f0d6e6d238a2f5c299dd27"
    "5671dc706bac9f450dd212c2ecc3e588e65852a35965c2736b0d69019ae1488c6f1ff3e91764d129cc1c6d0e"
    "4e3e7db272233a0ca12fa4b99ccb974e366c4b0f63a70961b644b5979be946e428bcb29a682a04a3aed6b1e5"
    "109938ad1618415914934c995fa41af0a3f4c5ee4d986aa97aa162142f292f4fc297a8f84fea96103064a47c"
    "d5889210bc88f7a8638a403fbc8f40ba780261d6caeb0b4fc32886856c34814ea56489a57712c69bd7e2b1cb"
    "d5fe137125da3b44161052d18fb5df8db298819f29722f1876f46567397456ae3406fa434df8023c1efd7161"
    "7c7a91191d2932dca4991aa495341dc9e977c2ed19768d795b020103";
// A modulus that is a power of 65537 modulo each of the small primes.
const char* const rsa_roca =
    "30820122300d06092a864886f70d01010105000382010f003082010a0282010100800000032a1b0b5f9cb253"
    "c6b26c53d4db7803e2504d1263b3e256c8b02888194c039e602aca0dd2b6dd748fc38bfbd7a4a5bc773d5d4e"
    "9444c106dc073656afd14d136c8987a85a49f08cb56143ea83c2048299da19f9941292f2c659b22063feb4ad"
    "38c6eae90a459298f4d545e48594c9f4b7519c9152ebd3d4e2cc480808df2570c680dd031b950d8ffa9f3e4f"
    "4bde609b155ddf94566c8cf31741efeb3cb9c4579786101fc64043f6b22ba2b359cd6735af3f8cf33d0fa8dd"
    "e735584f585b0354e515a3165664daddd900e637cf8f02ce0f5ba94e4b411fb538b2975ea3d42b39b84ce720"
    "ab39cfc87096bcc6a8509aebf3a7caa0bd0092797d9223a8890203010001";

Bytes without_last(Bytes bytes) {
  bytes.pop_back();
  return bytes;
}

Bytes with_extra(Bytes bytes) {
  bytes.push_back(0);
  return bytes;
}

}  // namespace

TEST_CASE("each kind of key signs, and only its own message verifies", "[crypto]") {
  const auto kind =
      GENERATE(KeyKind::p256, KeyKind::p384, KeyKind::p521, KeyKind::rsa, KeyKind::ed25519);
  const PrivateKey key = PrivateKey::generate(kind);
  const PrivateKey other = PrivateKey::generate(kind);
  const Scheme scheme = key.public_key().signing_scheme();
  const auto signature = key.sign(scheme, message);
  REQUIRE(signature);

  CHECK(key.public_key().verify(scheme, message, *signature));
  CHECK_FALSE(key.public_key().verify(scheme, to_bytes("massage"), *signature));
  CHECK_FALSE(other.public_key().verify(scheme, message, *signature));
  CHECK_FALSE(key.public_key().verify(scheme, message, without_last(*signature)));
  CHECK_FALSE(key.public_key().verify(scheme, message, with_extra(*signature)));
  CHECK_FALSE(key.public_key().verify(scheme, message, {}));
}

TEST_CASE("a key verifies no scheme outside the closed table", "[crypto][SIG-39]") {
  struct Row {
    const char* why;
    KeyKind kind;
    Scheme scheme;
  };
  const auto row = GENERATE(values<Row>({
      {"P-256 with SHA-384", KeyKind::p256, Scheme::ecdsa_sha384},
      {"P-256 with SHA-512", KeyKind::p256, Scheme::ecdsa_sha512},
      {"P-384 with SHA-512", KeyKind::p384, Scheme::ecdsa_sha512},
      {"P-521 with SHA-384", KeyKind::p521, Scheme::ecdsa_sha384},
  }));
  CAPTURE(row.why);
  const PrivateKey key = PrivateKey::generate(row.kind);
  const auto signature = key.sign(row.scheme, message);
  REQUIRE(signature);  // good mathematics
  CHECK_FALSE(key.public_key().verify(row.scheme, message, *signature));
}

TEST_CASE("a signature verifies by its message's digest alone", "[crypto]") {
  struct Row {
    KeyKind kind;
    Scheme scheme;
    Hash hash;
    Hash other_hash;
  };
  const auto row = GENERATE(values<Row>({
      {KeyKind::p256, Scheme::ecdsa_sha256, Hash::sha256, Hash::sha384},
      {KeyKind::p384, Scheme::ecdsa_sha384, Hash::sha384, Hash::sha256},
      {KeyKind::p384, Scheme::ecdsa_sha256, Hash::sha256, Hash::sha384},
      {KeyKind::p521, Scheme::ecdsa_sha512, Hash::sha512, Hash::sha256},
      {KeyKind::rsa, Scheme::rsa_pkcs1_sha256, Hash::sha256, Hash::sha512},
      {KeyKind::rsa, Scheme::rsa_pkcs1_sha512, Hash::sha512, Hash::sha256},
      {KeyKind::rsa, Scheme::rsa_pss_sha384, Hash::sha384, Hash::sha256},
  }));
  CAPTURE(scheme_name(row.scheme));
  const PrivateKey key = PrivateKey::generate(row.kind);
  const PublicKey& verifier = key.public_key();
  const auto signature = key.sign(row.scheme, message);
  REQUIRE(signature);
  const Bytes digest = hash(row.hash, message);

  CHECK(verifier.verify_prehashed(row.scheme, digest, *signature));
  Bytes flipped = digest;
  flipped[0] ^= 1;
  CHECK_FALSE(verifier.verify_prehashed(row.scheme, flipped, *signature));
  CHECK_FALSE(verifier.verify_prehashed(row.scheme, hash(row.other_hash, message), *signature));
  CHECK_FALSE(verifier.verify_prehashed(row.scheme, without_last(digest), *signature));
  // ECDSA alone would cut it off.
  CHECK_FALSE(verifier.verify_prehashed(row.scheme, with_extra(digest), *signature));
  CHECK_FALSE(verifier.verify_prehashed(row.scheme, {}, *signature));
  CHECK_FALSE(verifier.verify_prehashed(row.scheme, digest, without_last(*signature)));
  CHECK_FALSE(verifier.verify_prehashed(row.scheme, digest, {}));
  CHECK_FALSE(
      PrivateKey::generate(row.kind).public_key().verify_prehashed(row.scheme, digest, *signature));
}

TEST_CASE("digests verify by the closed table too", "[crypto][SIG-39]") {
  const PrivateKey key = PrivateKey::generate(KeyKind::p256);
  const auto signature = key.sign(Scheme::ecdsa_sha384, message);
  REQUIRE(signature);
  const Bytes digest = hash(Hash::sha384, message);
  CHECK_FALSE(key.public_key().verify_prehashed(Scheme::ecdsa_sha384, digest, *signature));
  // PKCS#1 is not PSS.
  const PrivateKey rsa = PrivateKey::generate(KeyKind::rsa);
  const auto pkcs1 = rsa.sign(Scheme::rsa_pkcs1_sha384, message);
  REQUIRE(pkcs1);
  CHECK_FALSE(rsa.public_key().verify_prehashed(Scheme::rsa_pss_sha384, digest, *pkcs1));
  CHECK(rsa.public_key().verify_prehashed(Scheme::rsa_pkcs1_sha384, digest, *pkcs1));
}

TEST_CASE("a bare RSAPublicKey is the key of its SubjectPublicKeyInfo", "[crypto]") {
  const PublicKey key = PrivateKey::generate(KeyKind::rsa).public_key();
  const Bytes bare(key.der().begin() + 24, key.der().end());
  const auto read = PublicKey::from_pkcs1_der(bare);
  REQUIRE(read);
  CHECK(*read == key);
  for (const Bytes& wrong : {without_last(bare), with_extra(bare), Bytes(), key.der()}) {
    CHECK(PublicKey::from_pkcs1_der(wrong).error().code == Code::format_key);
  }
  const Bytes small = *from_hex(rsa_1024);
  CHECK(PublicKey::from_pkcs1_der(ByteView(small).subspan(22)).error().code ==
        Code::policy_weak_key);
}

TEST_CASE("P-384 and P-521 signatures over SHA-256 verify, because peers made such", "[crypto]") {
  const auto kind = GENERATE(KeyKind::p384, KeyKind::p521);
  const PrivateKey key = PrivateKey::generate(kind);
  CHECK(key.public_key().verify(Scheme::ecdsa_sha256, message,
                                *key.sign(Scheme::ecdsa_sha256, message)));
}

TEST_CASE("a public key file is one public key or certificate", "[crypto]") {
  const PrivateKey key = PrivateKey::generate(KeyKind::p256);
  const std::string pem = key.public_key().pem();
  const Bytes der = key.public_key().der();

  CHECK(*PublicKey::from_file(as_bytes(pem)) == key.public_key());
  CHECK(*PublicKey::from_file(as_bytes("# release key\n\n" + pem + "\n")) == key.public_key());
  CHECK(*PublicKey::from_file(der) == key.public_key());

  struct Row {
    const char* why;
    Bytes contents;
  };
  std::string headers = pem;
  headers.insert(headers.find('\n') + 1, "Comment: x\n\n");
  std::string renamed = pem;
  for (std::size_t at; (at = renamed.find("PUBLIC KEY")) != std::string::npos;) {
    renamed.replace(at, 10, "CERTIFICATE REQUEST");
  }
  const std::vector<Row> rows = {
      {"empty", {}},
      {"rubbish", to_bytes("rubbish")},
      {"two blocks", to_bytes(pem + pem)},
      {"text before", to_bytes("hello\n" + pem)},
      {"text after", to_bytes(pem + "hello\n")},
      {"headers", to_bytes(headers)},
      {"cut", to_bytes(pem.substr(0, pem.size() - 30))},
      {"a private key", to_bytes(key.pem())},
      {"a request", to_bytes(renamed)},
      {"trailing byte in DER", with_extra(der)},
      {"one byte short", without_last(der)},
      {"trailing byte in PEM", to_bytes(to_pem("PUBLIC KEY", with_extra(der)))},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const auto refused = PublicKey::from_file(row.contents);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::format_key);
  }
  CHECK(PublicKey::from_file(as_bytes(key.pem())).error().message.contains("a private key"));
}

TEST_CASE("a public key file may be a certificate or a bare RSA key", "[crypto]") {
  const test::Entity entity = test::issue(test::CertificateText::leaf(), nullptr);
  CHECK(*PublicKey::from_file(as_bytes(entity.pem())) == entity.certificate().key());
  const PublicKey rsa = PrivateKey::generate(KeyKind::rsa).public_key();
  const Bytes bare(rsa.der().begin() + 24, rsa.der().end());
  CHECK(*PublicKey::from_file(as_bytes(to_pem("RSA PUBLIC KEY", bare))) == rsa);
  for (const std::string& wrong :
       {to_pem("RSA PUBLIC KEY", with_extra(bare)), to_pem("RSA PUBLIC KEY", without_last(bare)),
        to_pem("CERTIFICATE", with_extra(entity.der)), to_pem("CERTIFICATE", bare)}) {
    CHECK(PublicKey::from_file(as_bytes(wrong)).error().code == Code::format_key);
  }
}

TEST_CASE("elliptic-curve points have one spelling and lie on the curve", "[crypto]") {
  const Bytes der = PrivateKey::generate(KeyKind::p256).public_key().der();
  Bytes off_curve = der;
  off_curve.back() ^= 1;
  CHECK(PublicKey::from_der(off_curve).error().code == Code::format_key);

  // The same key with a compressed point: 02 or 03 and the x coordinate.
  Bytes compressed = {0x30, 0x39};
  compressed.insert(compressed.end(), der.begin() + 2, der.begin() + 23);
  compressed.insert(compressed.end(), {0x03, 0x22, 0x00});
  compressed.push_back(static_cast<std::uint8_t>(2 + (der.back() & 1)));
  compressed.insert(compressed.end(), der.begin() + 27, der.begin() + 59);
  CHECK(PublicKey::from_der(compressed).error().code == Code::format_key);
}

TEST_CASE("a coordinate has one spelling: less than the field's prime", "[crypto]") {
  // P-521's points have seven bits to spare: x plus the prime, 2^521 - 1, is as long as x.
  const Bytes der = PrivateKey::generate(KeyKind::p521).public_key().der();
  Bytes same_point = der;
  const std::size_t x = der.size() - 2 * 66;
  unsigned carry = 0;
  for (std::size_t i = 66; i-- > 0;) {
    carry += der[x + i] + (i == 0 ? 0x01U : 0xFFU);
    same_point[x + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  CHECK(PublicKey::from_der(der));
  CHECK(PublicKey::from_der(same_point).error().code == Code::format_key);
}

TEST_CASE("a public key has the length of its kind", "[crypto]") {
  struct Row {
    const char* why;
    std::string hex;
  };
  const auto row = GENERATE(values<Row>({
      {"Ed25519, 31 bytes", "3029300506032b6570032000" + std::string(62, '2')},
      {"Ed25519, 33 bytes", "302b300506032b6570032200" + std::string(66, '2')},
      {"P-256, the point at infinity",
       "301a301306072a8648ce3d020106082a8648ce3d030107030300"
       "0400"},
  }));
  CAPTURE(row.why);
  CHECK(PublicKey::from_der(*from_hex(row.hex)).error().code == Code::format_key);
}

TEST_CASE("an RSA key is two numbers, each in DER's one spelling", "[crypto]") {
  const Bytes der = PrivateKey::generate(KeyKind::rsa).public_key().der();
  REQUIRE(der.size() == 294);  // 30 82 0122, algorithm, 03 82 010F 00, 30 82 010A, 02 82 0101 00...
  const auto changed = [&](std::size_t at, Bytes instead, std::size_t removed, int growth) {
    Bytes key = der;
    const auto place = key.begin() + static_cast<std::ptrdiff_t>(at);
    key.insert(key.erase(place, place + static_cast<std::ptrdiff_t>(removed)), instead.begin(),
               instead.end());
    for (const std::size_t length : {3U, 22U, 27U}) {  // the low octet of each length around it
      key[length] = static_cast<std::uint8_t>(key[length] + growth);
    }
    return key;
  };
  const Bytes three = {0x02, 0x03, 0x01, 0x00, 0x01};
  struct Row {
    const char* why;
    Bytes key;
  };
  const std::vector<Row> rows = {
      {"a third number", changed(294, {0x02, 0x01, 0x05}, 0, 3)},
      {"no exponent", changed(289, {}, 5, -5)},
      {"a padded exponent", changed(289, {0x02, 0x04, 0x00, 0x01, 0x00, 0x01}, 5, 1)},
      {"a negative exponent", changed(289, {0x02, 0x03, 0x81, 0x00, 0x01}, 5, 0)},
      {"an octet string for the exponent", changed(289, {0x04, 0x03, 0x01, 0x00, 0x01}, 5, 0)},
      {"an even modulus", changed(288, {0x02}, 1, 0)},
      {"a negative modulus", changed(32, {0x81}, 1, 0)},
  };
  CHECK(PublicKey::from_der(changed(289, {0x02, 0x03, 0x01, 0x00, 0x02}, 5, 0)).error().code ==
        Code::policy_weak_key);  // even
  Bytes long_exponent = {0x02, 0x21, 0x01};
  long_exponent.resize(34, 0);
  long_exponent.push_back(1);
  CHECK(PublicKey::from_der(changed(289, long_exponent, 5, 30)).error().code ==
        Code::policy_weak_key);
  CHECK(PublicKey::from_der(changed(289, three, 5, 0)));
  for (const Row& row : rows) {
    CAPTURE(row.why);
    CHECK(PublicKey::from_der(row.key).error().code == Code::format_key);
  }
}

TEST_CASE("an RSA key of over 8192 bits is refused before anything is done with it", "[crypto]") {
  Bytes modulus(1025, 0xFF);
  const Bytes exponent = {0x01, 0x00, 0x01};
  const auto key = [&] {
    return PublicKey::from_pkcs1_der(der::element(
        der::sequence, {der::unsigned_number(modulus), der::unsigned_number(exponent)}));
  };
  CHECK(key().error().code == Code::policy_weak_key);
  CHECK(key().error().message.contains("8200 bits"));
}

TEST_CASE("a SubjectPublicKeyInfo is an algorithm and a key, and no more", "[crypto]") {
  const Bytes der = PrivateKey::generate(KeyKind::p256).public_key().der();
  const ByteView algorithm = ByteView(der).subspan(2, 21);
  const ByteView key = ByteView(der).subspan(23);
  REQUIRE(PublicKey::from_der(der::element(der::sequence, {algorithm, key})));
  Bytes unused_bits(key.begin(), key.end());
  unused_bits[2] = 1;
  Bytes hybrid = der;
  hybrid[26] = static_cast<std::uint8_t>(6 + (der.back() & 1));  // says what is odd as well
  for (const Bytes& wrong :
       {der::element(der::sequence, {}), der::element(der::sequence, {algorithm}),
        der::element(der::sequence, {algorithm, key, key}),
        der::element(der::sequence, {algorithm, der::element(der::bit_string, {})}),
        der::element(der::sequence, {algorithm, unused_bits}), hybrid}) {
    CHECK(PublicKey::from_der(wrong).error().code == Code::format_key);
  }
}

TEST_CASE("keys that are too weak or of an unknown kind are refused", "[crypto]") {
  for (const char* hex : {rsa_1024, rsa_exponent_3, rsa_roca}) {
    CHECK(PublicKey::from_der(*from_hex(hex)).error().code == Code::policy_weak_key);
  }
  // secp256k1: a well-formed key on a curve outside the list.
  Bytes k1 = *from_hex("3056301006072a8648ce3d020106052b8104000a034200");
  k1.push_back(4);
  k1.resize(k1.size() + 64, 1);
  CHECK(PublicKey::from_der(k1).error().code == Code::policy_weak_key);
}

TEST_CASE("fixed-width ECDSA signatures become strict DER", "[crypto]") {
  CHECK_FALSE(ecdsa_der_from_raw({}));
  CHECK_FALSE(ecdsa_der_from_raw(Bytes(63, 1)));
  CHECK_FALSE(ecdsa_der_from_raw(Bytes(134, 1)));
  Bytes raw(64, 0);
  raw[31] = 1;
  raw[32] = 0x80;
  const Bytes der = *ecdsa_der_from_raw(raw);
  CHECK(to_hex(der).starts_with("302602010102210080"));
  CHECK(to_hex(*ecdsa_der_from_raw(Bytes(132, 1))).starts_with("3081880242"));
}

}  // namespace touchstone::crypto
