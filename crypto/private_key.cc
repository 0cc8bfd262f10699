#include "crypto/private_key.h"

#include <openssl/core_names.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>

#include <array>

#include "crypto/openssl.h"
#include "crypto/pem.h"

namespace touchstone::crypto {
namespace {

using Pkcs8 = Handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using EncryptedPkcs8 = Handle<X509_SIG, X509_SIG_free>;
using MessageDigest = Handle<EVP_MD, EVP_MD_free>;

constexpr std::string_view plain_type = "PRIVATE KEY";
constexpr std::string_view encrypted_type = "ENCRYPTED PRIVATE KEY";

Error unusable(std::string_view why) { return Error{Code::format_key, std::string(why), ""}; }

Result<Pkcs8> decrypt(ByteView der, const Secret* passphrase) {
  if (passphrase == nullptr) {
    return Error{Code::device_pin_needed, "the key file is encrypted", ""};
  }
  const std::uint8_t* cursor = der.data();
  const EncryptedPkcs8 box(d2i_X509_SIG(nullptr, &cursor, static_cast<long>(der.size())));
  if (!box) return unusable("the encrypted key is malformed");
  const std::string_view text = passphrase->reveal();
  Pkcs8 info(
      PKCS8_decrypt_ex(box.get(), text.data(), static_cast<int>(text.size()), library(), nullptr));
  drain_errors();
  if (!info) {
    return Error{Code::device_pin_wrong, "the passphrase does not open the key file",
                 "give the key file's own passphrase"};
  }
  return info;
}

Result<PublicKey> public_half(EVP_PKEY* key) {
  std::uint8_t* encoded = nullptr;
  const int size = i2d_PUBKEY(key, &encoded);
  if (size <= 0) return unusable("the private key has no public half");
  const Bytes spki(encoded, encoded + size);
  OPENSSL_free(encoded);
  return PublicKey::from_der(spki);
}

const char* hash_name(Scheme scheme) {
  switch (scheme) {
    case Scheme::ecdsa_sha256:
    case Scheme::rsa_pkcs1_sha256:
    case Scheme::rsa_pss_sha256:
      return "SHA2-256";
    case Scheme::ecdsa_sha384:
    case Scheme::rsa_pkcs1_sha384:
    case Scheme::rsa_pss_sha384:
      return "SHA2-384";
    case Scheme::ecdsa_sha512:
    case Scheme::rsa_pkcs1_sha512:
    case Scheme::rsa_pss_sha512:
      return "SHA2-512";
    case Scheme::ed25519:
    case Scheme::ed25519ph:
      return nullptr;
  }
  return nullptr;
}

// Wiped when it is freed, for numbers that are secret.
using SecretNumber = Handle<BIGNUM, BN_clear_free>;

// Absent when the key has no such number.
SecretNumber number_of(const EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  const bool there = EVP_PKEY_get_bn_param(key, name, &value) == 1;
  SecretNumber number(value);
  drain_errors();
  return there ? std::move(number) : nullptr;
}

// Big-endian in `width` bytes; 0: as few as it takes.
Secret secret_bytes(const BIGNUM* number, std::size_t width = 0) {
  std::array<std::uint8_t, Secret::capacity> buffer{};
  const std::size_t size = width == 0 ? static_cast<std::size_t>(BN_num_bytes(number)) : width;
  Secret secret;
  if (size <= buffer.size() &&
      BN_bn2binpad(number, buffer.data(), static_cast<int>(size)) == static_cast<int>(size)) {
    secret = Secret(as_text(ByteView(buffer).first(size)));
  }
  OPENSSL_cleanse(buffer.data(), buffer.size());
  return secret;
}

Bytes plain_bytes(const BIGNUM* number) {
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, bytes.data());
  return bytes;
}

Result<KeyNumbers> rsa_numbers(const EVP_PKEY* key) {
  KeyNumbers numbers;
  struct Wanted {
    const char* name;
    Secret* secret;
  };
  for (const Wanted& wanted : {Wanted{OSSL_PKEY_PARAM_RSA_D, &numbers.private_exponent},
                               Wanted{OSSL_PKEY_PARAM_RSA_FACTOR1, &numbers.prime1},
                               Wanted{OSSL_PKEY_PARAM_RSA_FACTOR2, &numbers.prime2},
                               Wanted{OSSL_PKEY_PARAM_RSA_EXPONENT1, &numbers.exponent1},
                               Wanted{OSSL_PKEY_PARAM_RSA_EXPONENT2, &numbers.exponent2},
                               Wanted{OSSL_PKEY_PARAM_RSA_COEFFICIENT1, &numbers.coefficient}}) {
    const SecretNumber number = number_of(key, wanted.name);
    if (!number) return unusable("the RSA key lacks its primes");
    *wanted.secret = secret_bytes(number.get());
    if (wanted.secret->empty()) return unusable("the RSA key lacks its primes, or is too long");
  }
  if (number_of(key, OSSL_PKEY_PARAM_RSA_FACTOR3)) {
    return unusable("the RSA key has more than two primes");
  }
  const SecretNumber modulus = number_of(key, OSSL_PKEY_PARAM_RSA_N);
  const SecretNumber exponent = number_of(key, OSSL_PKEY_PARAM_RSA_E);
  if (!modulus || !exponent) return unusable("the RSA key lacks its modulus");
  numbers.modulus = plain_bytes(modulus.get());
  numbers.public_exponent = plain_bytes(exponent.get());
  return numbers;
}

Result<KeyNumbers> curve_numbers(const EVP_PKEY* key, std::size_t coordinate) {
  KeyNumbers numbers;
  const SecretNumber scalar = number_of(key, OSSL_PKEY_PARAM_PRIV_KEY);
  std::size_t size = 0;
  numbers.point.resize(1 + 2 * coordinate);
  if (!scalar ||
      EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, numbers.point.data(),
                                      numbers.point.size(), &size) != 1 ||
      size != numbers.point.size() || numbers.point[0] != 0x04) {
    drain_errors();
    return unusable("the elliptic-curve key is not whole");
  }
  numbers.scalar = secret_bytes(scalar.get(), coordinate);
  return numbers;
}

Result<KeyNumbers> edwards_numbers(const EVP_PKEY* key) {
  KeyNumbers numbers;
  std::array<std::uint8_t, 32> seed{};
  std::size_t seed_size = seed.size();
  numbers.point.resize(seed.size());
  std::size_t point_size = numbers.point.size();
  const bool good = EVP_PKEY_get_raw_private_key(key, seed.data(), &seed_size) == 1 &&
                    EVP_PKEY_get_raw_public_key(key, numbers.point.data(), &point_size) == 1 &&
                    seed_size == seed.size() && point_size == numbers.point.size();
  if (good) numbers.scalar = Secret(as_text(seed));
  OPENSSL_cleanse(seed.data(), seed.size());
  drain_errors();
  if (!good) return unusable("the Ed25519 key is not whole");
  return numbers;
}

bool is_pss(Scheme scheme) {
  return scheme == Scheme::rsa_pss_sha256 || scheme == Scheme::rsa_pss_sha384 ||
         scheme == Scheme::rsa_pss_sha512;
}

}  // namespace

bool PrivateKey::is_encrypted(ByteView pem) {
  const auto block = parse_pem(pem);
  return block && block->type == encrypted_type;
}

Result<PrivateKey> PrivateKey::from_pem(ByteView pem, const Secret* passphrase) {
  TS_TRY(PemBlock block, parse_pem(pem));
  const std::uint8_t* cursor = block.der.data();
  const auto size = static_cast<long>(block.der.size());
  Pkey key;
  if (block.type == plain_type || block.type == encrypted_type) {
    Pkcs8 info;
    if (block.type == encrypted_type) {
      TS_TRY(info, decrypt(block.der, passphrase));
    } else {
      info.reset(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &cursor, size));
    }
    if (info) key.reset(EVP_PKCS82PKEY_ex(info.get(), library(), nullptr));
  } else if (block.type == "EC PRIVATE KEY") {
    key.reset(d2i_PrivateKey_ex(EVP_PKEY_EC, nullptr, &cursor, size, library(), nullptr));
  } else if (block.type == "RSA PRIVATE KEY") {
    key.reset(d2i_PrivateKey_ex(EVP_PKEY_RSA, nullptr, &cursor, size, library(), nullptr));
  } else {
    return unusable("a PEM block that is no private key");
  }
  OPENSSL_cleanse(block.der.data(), block.der.size());
  drain_errors();
  if (!key) return unusable("the private key is malformed");
  TS_TRY(PublicKey half, public_half(key.get()));
  return PrivateKey(std::shared_ptr<EVP_PKEY>(std::move(key)), std::move(half));
}

Result<PrivateKey> PrivateKey::from_pkcs8(ByteView der) {
  const std::uint8_t* cursor = der.data();
  const Pkcs8 info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &cursor, static_cast<long>(der.size())));
  Pkey key;
  if (info && cursor == der.data() + der.size()) {
    key.reset(EVP_PKCS82PKEY_ex(info.get(), library(), nullptr));
  }
  drain_errors();
  if (!key) return unusable("the private key is malformed");
  TS_TRY(PublicKey half, public_half(key.get()));
  return PrivateKey(std::shared_ptr<EVP_PKEY>(std::move(key)), std::move(half));
}

PrivateKey PrivateKey::generate(KeyKind kind, int rsa_bits) {
  Pkey key;
  switch (kind) {
    case KeyKind::p256:
      key.reset(EVP_PKEY_Q_keygen(library(), nullptr, "EC", "P-256"));
      break;
    case KeyKind::p384:
      key.reset(EVP_PKEY_Q_keygen(library(), nullptr, "EC", "P-384"));
      break;
    case KeyKind::p521:
      key.reset(EVP_PKEY_Q_keygen(library(), nullptr, "EC", "P-521"));
      break;
    case KeyKind::rsa:
      key.reset(EVP_PKEY_Q_keygen(library(), nullptr, "RSA", static_cast<std::size_t>(rsa_bits)));
      break;
    case KeyKind::ed25519:
      key.reset(EVP_PKEY_Q_keygen(library(), nullptr, "ED25519"));
      break;
  }
  PublicKey half = *public_half(key.get());
  return PrivateKey(std::shared_ptr<EVP_PKEY>(std::move(key)), std::move(half));
}

Result<Bytes> PrivateKey::sign(Scheme scheme, ByteView message) const {
  if (scheme == Scheme::ed25519ph) {
    return Error{Code::device_algorithm, "Ed25519ph signatures are not made", ""};
  }
  const MdContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;  // owned by `context`
  std::size_t size = 0;
  bool good = context && EVP_DigestSignInit_ex(context.get(), &settings, hash_name(scheme),
                                               library(), nullptr, key_.get(), nullptr) == 1;
  if (good && is_pss(scheme)) {
    good = EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  good = good && EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1;
  Bytes signature(size);
  good = good && EVP_DigestSign(context.get(), signature.data(), &size, message.data(),
                                message.size()) == 1;
  const std::string reason = drain_errors();
  if (!good) {
    return Error{Code::device_algorithm,
                 "the key cannot sign by " + std::string(scheme_name(scheme)) +
                     (reason.empty() ? "" : " (" + reason + ")"),
                 ""};
  }
  signature.resize(size);
  return signature;
}

Result<Bytes> PrivateKey::sign_digest(Scheme scheme, ByteView digest) const {
  const char* name = hash_name(scheme);
  if (name == nullptr) {
    return Error{Code::device_algorithm, "an Ed25519 key signs messages, not digests", ""};
  }
  const MessageDigest algorithm(EVP_MD_fetch(library(), name, nullptr));
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(library(), key_.get(), nullptr));
  bool good = algorithm && context &&
              digest.size() == static_cast<std::size_t>(EVP_MD_get_size(algorithm.get())) &&
              EVP_PKEY_sign_init(context.get()) == 1 &&
              EVP_PKEY_CTX_set_signature_md(context.get(), algorithm.get()) == 1;
  if (good && is_pss(scheme)) {
    good = EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  std::size_t size = 0;
  good = good && EVP_PKEY_sign(context.get(), nullptr, &size, digest.data(), digest.size()) == 1;
  Bytes signature(size);
  good = good &&
         EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()) == 1;
  drain_errors();
  if (!good) {
    return Error{Code::device_algorithm,
                 "the key cannot sign this digest by " + std::string(scheme_name(scheme)), ""};
  }
  signature.resize(size);
  return signature;
}

std::string PrivateKey::pem() const {
  const Pkcs8 info(EVP_PKEY2PKCS8(key_.get()));
  std::uint8_t* encoded = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &encoded);
  if (size <= 0) std::abort();
  std::string text = to_pem(plain_type, ByteView(encoded, static_cast<std::size_t>(size)));
  OPENSSL_clear_free(encoded, static_cast<std::size_t>(size));
  return text;
}

std::string PrivateKey::encrypted_pem(const Secret& passphrase) const {
  // One of the equivalent settings that OWASP recommends for scrypt; its 16 MiB stay below the
  // limit of 32 MiB that OpenSSL keeps when it reads such a file.
  constexpr std::uint64_t n = 16'384;
  constexpr std::uint64_t r = 8;
  constexpr std::uint64_t p = 5;
  constexpr std::size_t salt_bytes = 16;
  Bytes salt = random_bytes(salt_bytes);
  const Pkcs8 info(EVP_PKEY2PKCS8(key_.get()));
  X509_ALGOR* how = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt.data(),
                                          static_cast<int>(salt.size()), nullptr, n, r, p);
  if (!info || how == nullptr) std::abort();
  const std::string_view text = passphrase.reveal();
  const EncryptedPkcs8 box(PKCS8_set0_pbe_ex(text.data(), static_cast<int>(text.size()), info.get(),
                                             how, library(), nullptr));
  if (!box) std::abort();
  std::uint8_t* encoded = nullptr;
  const int size = i2d_X509_SIG(box.get(), &encoded);
  if (size <= 0) std::abort();
  std::string pem = to_pem(encrypted_type, ByteView(encoded, static_cast<std::size_t>(size)));
  OPENSSL_free(encoded);
  return pem;
}

Result<KeyNumbers> PrivateKey::numbers() const {
  switch (public_key_.kind()) {
    case KeyKind::p256:
      return curve_numbers(key_.get(), 32);
    case KeyKind::p384:
      return curve_numbers(key_.get(), 48);
    case KeyKind::p521:
      return curve_numbers(key_.get(), 66);
    case KeyKind::rsa:
      return rsa_numbers(key_.get());
    case KeyKind::ed25519:
      return edwards_numbers(key_.get());
  }
  return unusable("a key of an unknown kind");
}

}  // namespace touchstone::crypto
