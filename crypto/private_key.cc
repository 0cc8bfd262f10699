#include "crypto/private_key.h"

#include <openssl/pkcs12.h>
#include <openssl/rsa.h>

#include "crypto/openssl.h"
#include "crypto/pem.h"

namespace touchstone::crypto {
namespace {

using Pkcs8 = Handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using EncryptedPkcs8 = Handle<X509_SIG, X509_SIG_free>;

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

std::string PrivateKey::pem() const {
  const Pkcs8 info(EVP_PKEY2PKCS8(key_.get()));
  std::uint8_t* encoded = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &encoded);
  if (size <= 0) std::abort();
  std::string text = to_pem(plain_type, ByteView(encoded, static_cast<std::size_t>(size)));
  OPENSSL_clear_free(encoded, static_cast<std::size_t>(size));
  return text;
}

}  // namespace touchstone::crypto
