#include "tests/support/authority.h"

#include <openssl/x509v3.h>

#include <catch2/catch.hpp>

#include "crypto/openssl.h"
#include "crypto/pem.h"

namespace touchstone::test {
namespace {

crypto::Pkey generate(const std::string& kind) {
  if (kind.starts_with("RSA-")) {
    return crypto::Pkey(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA",
                                          static_cast<std::size_t>(std::stoul(kind.substr(4)))));
  }
  if (kind == "Ed25519") return crypto::Pkey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  return crypto::Pkey(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind.c_str()));
}

void set_name(X509_NAME* name, const std::string& text) {
  if (text.empty()) return;
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(text.data()),
                             static_cast<int>(text.size()), -1, 0);
}

// What OpenSSL's configuration files cannot say.
X509_EXTENSION* empty_extension(const std::string& name) {
  const crypto::Handle<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(name.c_str(), 1));
  const crypto::Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> nothing(ASN1_OCTET_STRING_new());
  return X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 0, nothing.get());
}

crypto::X509Handle parse(const Bytes& der) {
  const std::uint8_t* cursor = der.data();
  return crypto::X509Handle(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
}

}  // namespace

CertificateText CertificateText::leaf() {
  CertificateText text;
  text.extensions = {
      {"basicConstraints", "critical,CA:FALSE"}, {"keyUsage", "critical,digitalSignature"},
      {"extendedKeyUsage", "codeSigning"},       {"subjectAltName", "email:release@shop.example"},
      {"subjectKeyIdentifier", "hash"},          {"authorityKeyIdentifier", "keyid"}};
  return text;
}

CertificateText CertificateText::authority(const std::string& subject) {
  CertificateText text;
  text.subject = subject;
  text.extensions = {{"basicConstraints", "critical,CA:TRUE"},
                     {"keyUsage", "critical,keyCertSign,cRLSign"},
                     {"subjectKeyIdentifier", "hash"},
                     {"authorityKeyIdentifier", "keyid"}};
  return text;
}

CertificateText CertificateText::with(const std::string& extension,
                                      const std::string& value) const {
  CertificateText changed = *this;
  changed.extensions[extension] = value;
  return changed;
}

CertificateText CertificateText::without(const std::string& extension) const {
  CertificateText changed = *this;
  changed.extensions.erase(extension);
  return changed;
}

crypto::Certificate Entity::certificate() const {
  auto parsed = crypto::Certificate::from_der(der);
  if (!parsed) INFO(parsed.error().message);
  REQUIRE(parsed);
  return *parsed;
}

crypto::PrivateKey Entity::private_key() const {
  const crypto::Handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(
      EVP_PKEY2PKCS8(key.get()));
  std::uint8_t* encoded = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &encoded);
  REQUIRE(size > 0);
  const std::string text =
      crypto::to_pem("PRIVATE KEY", ByteView(encoded, static_cast<std::size_t>(size)));
  OPENSSL_free(encoded);
  auto parsed = crypto::PrivateKey::from_pem(as_bytes(text), nullptr);
  REQUIRE(parsed);
  return *std::move(parsed);
}

std::string Entity::pem() const { return crypto::to_pem("CERTIFICATE", der); }

Entity issue(const CertificateText& text, const Entity* issuer, const Entity* same_key) {
  std::shared_ptr<EVP_PKEY> key =
      same_key != nullptr ? same_key->key : std::shared_ptr<EVP_PKEY>(generate(text.key));
  REQUIRE(key);
  const crypto::X509Handle made(X509_new());
  X509_set_version(made.get(), text.version);
  BIGNUM* serial = nullptr;
  BN_hex2bn(&serial, text.serial.c_str());
  BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(made.get()));
  BN_free(serial);
  ASN1_TIME_adj(X509_getm_notBefore(made.get()), text.not_before.time_since_epoch().count(), 0, 0);
  ASN1_TIME_adj(X509_getm_notAfter(made.get()), text.not_after.time_since_epoch().count(), 0, 0);
  if (!text.raw_not_after.empty()) {
    ASN1_TIME* time = X509_getm_notAfter(made.get());
    time->type = text.raw_not_after.size() < 15 ? V_ASN1_UTCTIME : V_ASN1_GENERALIZEDTIME;
    ASN1_STRING_set(time, text.raw_not_after.data(), static_cast<int>(text.raw_not_after.size()));
  }
  X509_set_pubkey(made.get(), key.get());
  set_name(X509_get_subject_name(made.get()), text.subject);
  const crypto::X509Handle above = issuer != nullptr ? parse(issuer->der) : nullptr;
  X509* const signer = above ? above.get() : made.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(signer));

  X509V3_CTX context;
  X509V3_set_ctx(&context, signer, made.get(), nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  const auto add = [&](const std::string& name, const std::string& value) {
    X509_EXTENSION* extension =
        value == "DER:" ? empty_extension(name)
                        : X509V3_EXT_nconf(nullptr, &context, name.c_str(), value.c_str());
    INFO(name << " = " << value << ": " << crypto::drain_errors());
    REQUIRE(extension != nullptr);
    X509_add_ext(made.get(), extension, -1);
    X509_EXTENSION_free(extension);
  };
  // An authority's own identifier must be there before the one that points to it.
  constexpr const char* own_identifier = "subjectKeyIdentifier";
  for (const auto& [name, value] : text.extensions) {
    if (name == own_identifier) add(name, value);
  }
  for (const auto& [name, value] : text.extensions) {
    if (name != own_identifier) add(name, value);
  }
  for (const auto& [name, value] : text.more_extensions) add(name, value);
  EVP_PKEY* const by = issuer != nullptr ? issuer->key.get() : key.get();
  const EVP_MD* hash =
      EVP_PKEY_is_a(by, "ED25519") == 1 ? nullptr : EVP_get_digestbyname(text.hash);
  REQUIRE(X509_sign(made.get(), by, hash) > 0);

  Entity entity;
  std::uint8_t* encoded = nullptr;
  const int size = i2d_X509(made.get(), &encoded);
  REQUIRE(size > 0);
  entity.der.assign(encoded, encoded + size);
  OPENSSL_free(encoded);
  entity.key = std::move(key);
  return entity;
}

}  // namespace touchstone::test
