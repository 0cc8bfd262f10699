#include "tests/support/piv_card/card_key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdlib>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/public_key.h"
#include "tests/support/one_nonce.h"
#include "tests/support/piv_card/apdu.h"

namespace touchstone::piv_card {
namespace {

using Parameters = crypto::Handle<OSSL_PARAM, OSSL_PARAM_free>;
using ParameterBuilder = crypto::Handle<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Object = crypto::Handle<ASN1_OBJECT, ASN1_OBJECT_free>;
using Octets = crypto::Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;
using Extension = crypto::Handle<X509_EXTENSION, X509_EXTENSION_free>;

// The emulator has no use for a card that half works.
void require(bool holds) {
  if (!holds) std::abort();
}

unsigned rsa_bits(std::uint8_t id) {
  switch (id) {
    case algorithm::rsa1024:
      return 1024;
    case algorithm::rsa2048:
      return 2048;
    case algorithm::rsa3072:
      return 3072;
    case algorithm::rsa4096:
      return 4096;
    default:
      return 0;
  }
}

const char* curve(std::uint8_t id) { return id == algorithm::p256 ? "P-256" : "P-384"; }

crypto::Pkey from_parameters(const char* kind, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const crypto::PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) != 1) {
    return nullptr;
  }
  return crypto::Pkey(key);
}

crypto::BigNumber number(ByteView bytes) {
  return crypto::BigNumber(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

Bytes bytes_of(const EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  require(EVP_PKEY_get_bn_param(key, name, &value) == 1);
  const crypto::BigNumber owned(value);
  Bytes out(static_cast<std::size_t>(BN_num_bytes(value)));
  BN_bn2bin(value, out.data());
  return out;
}

Bytes der_of(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  require(size > 0);
  const Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

void add_name(X509_NAME* name, const std::string& text) {
  require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                     reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1,
                                     0) == 1);
}

crypto::X509Handle begin_certificate(EVP_PKEY* key, const std::string& subject) {
  crypto::X509Handle made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  const Bytes serial = crypto::random_bytes(15);
  const crypto::BigNumber serial_number = number(serial);
  BN_to_ASN1_INTEGER(serial_number.get(), X509_get_serialNumber(made.get()));
  ASN1_TIME_set_string_X509(X509_getm_notBefore(made.get()), "20200101000000Z");
  ASN1_TIME_set_string_X509(X509_getm_notAfter(made.get()), "20520101000000Z");
  add_name(X509_get_subject_name(made.get()), subject);
  require(X509_set_pubkey(made.get(), key) == 1);
  return made;
}

void add_extension(X509* certificate, const std::string& oid, const Bytes& value) {
  const Object object(OBJ_txt2obj(oid.c_str(), 1));
  const Octets octets(ASN1_OCTET_STRING_new());
  ASN1_OCTET_STRING_set(octets.get(), value.data(), static_cast<int>(value.size()));
  const Extension extension(X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 0, octets.get()));
  require(X509_add_ext(certificate, extension.get(), -1) == 1);
}

void add_authority(X509* certificate, int path_length) {
  const std::string text = "critical,CA:TRUE,pathlen:" + std::to_string(path_length);
  const Extension extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, text.c_str()));
  require(X509_add_ext(certificate, extension.get(), -1) == 1);
}

void sign_certificate(X509* certificate, const X509_NAME* issuer, EVP_PKEY* key) {
  require(X509_set_issuer_name(certificate, issuer) == 1);
  const bool hashes_itself = EVP_PKEY_get_id(key) == EVP_PKEY_ED25519;
  require(X509_sign(certificate, key, hashes_itself ? nullptr : EVP_sha256()) > 0);
}

Bytes firmware_bytes(std::uint32_t firmware) {
  return {static_cast<std::uint8_t>(firmware >> 16), static_cast<std::uint8_t>(firmware >> 8),
          static_cast<std::uint8_t>(firmware)};
}

Bytes der_integer(std::uint32_t value) {
  Bytes out = {0x02, 0x05, 0x00};
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
  while (out.size() > 3 && out[2] == 0 && (out[3] & 0x80) == 0) out.erase(out.begin() + 2);
  out[1] = static_cast<std::uint8_t>(out.size() - 2);
  return out;
}

constexpr const char* yubico_arc = "1.3.6.1.4.1.41482.3.";

}  // namespace

bool knows(std::uint32_t firmware, std::uint8_t id) {
  switch (id) {
    case algorithm::rsa1024:
    case algorithm::rsa2048:
    case algorithm::p256:
      return true;
    case algorithm::p384:
      return firmware >= 0x040000;
    case algorithm::rsa3072:
    case algorithm::rsa4096:
    case algorithm::ed25519:
      return firmware >= 0x050700;
    default:
      return false;
  }
}

crypto::Pkey generate_key(std::uint8_t id) {
  EVP_PKEY* key = nullptr;
  if (id == algorithm::ed25519) {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  } else if (const unsigned bits = rsa_bits(id); bits != 0) {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(bits));
  } else {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve(id));
  }
  require(key != nullptr);
  return crypto::Pkey(key);
}

crypto::Pkey import_rsa(std::uint8_t id, ByteView p, ByteView q) {
  if (p.size() * 16 != rsa_bits(id) || q.size() != p.size()) return nullptr;
  const crypto::Handle<BN_CTX, BN_CTX_free> scratch(BN_CTX_new());
  const crypto::BigNumber prime_p = number(p);
  const crypto::BigNumber prime_q = number(q);
  const crypto::BigNumber n(BN_new());
  const crypto::BigNumber e(BN_new());
  const crypto::BigNumber p1(BN_dup(prime_p.get()));
  const crypto::BigNumber q1(BN_dup(prime_q.get()));
  const crypto::BigNumber phi(BN_new());
  BN_set_word(e.get(), RSA_F4);
  BN_sub_word(p1.get(), 1);
  BN_sub_word(q1.get(), 1);
  BN_mul(n.get(), prime_p.get(), prime_q.get(), scratch.get());
  BN_mul(phi.get(), p1.get(), q1.get(), scratch.get());
  const crypto::BigNumber d(BN_mod_inverse(nullptr, e.get(), phi.get(), scratch.get()));
  if (d == nullptr) return nullptr;
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_D, d.get());
  return from_parameters("RSA", builder.get());
}

crypto::Pkey import_ec(std::uint8_t id, ByteView scalar) {
  const std::size_t size = id == algorithm::p256 ? 32 : 48;
  if (scalar.size() != size) return nullptr;
  const crypto::Handle<EC_GROUP, EC_GROUP_free> group(
      EC_GROUP_new_by_curve_name(id == algorithm::p256 ? NID_X9_62_prime256v1 : NID_secp384r1));
  const crypto::Handle<EC_POINT, EC_POINT_free> point(EC_POINT_new(group.get()));
  const crypto::BigNumber d = number(scalar);
  Bytes encoded(2 * size + 1);
  if (EC_POINT_mul(group.get(), point.get(), d.get(), nullptr, nullptr, nullptr) != 1 ||
      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(),
                         encoded.size(), nullptr) != encoded.size()) {
    return nullptr;
  }
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve(id), 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(),
                                   encoded.size());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, d.get());
  return from_parameters("EC", builder.get());
}

crypto::Pkey import_ed25519(ByteView seed) {
  return crypto::Pkey(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
}

Bytes public_key_tlv(const CardKey& key) {
  if (rsa_bits(key.algorithm) != 0) {
    return concatenated({tlv(0x81, bytes_of(key.key.get(), OSSL_PKEY_PARAM_RSA_N)),
                         tlv(0x82, bytes_of(key.key.get(), OSSL_PKEY_PARAM_RSA_E))});
  }
  Bytes point(128);
  std::size_t size = 0;
  require(EVP_PKEY_get_octet_string_param(key.key.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                          point.size(), &size) == 1);
  point.resize(size);
  return tlv(0x86, point);
}

std::optional<Bytes> private_operation(const CardKey& key, ByteView input) {
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.key.get())));
  std::size_t size = out.size();
  bool done = false;
  if (key.algorithm == algorithm::ed25519) {
    const crypto::MdContext context(EVP_MD_CTX_new());
    done = EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.key.get()) == 1 &&
           EVP_DigestSign(context.get(), out.data(), &size, input.data(), input.size()) == 1;
  } else {
    const bool rsa = rsa_bits(key.algorithm) != 0;
    const std::size_t width = rsa ? out.size() : key.algorithm == algorithm::p256 ? 32 : 48;
    if (rsa ? input.size() != width : input.size() > width) return std::nullopt;
    const crypto::PkeyContext context(EVP_PKEY_CTX_new(key.key.get(), nullptr));
    done = EVP_PKEY_sign_init(context.get()) == 1 &&
           (!rsa || EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) == 1) &&
           EVP_PKEY_sign(context.get(), out.data(), &size, input.data(), input.size()) == 1;
  }
  (void)crypto::drain_errors();
  if (!done) return std::nullopt;
  out.resize(size);
  return out;
}

std::optional<Bytes> ecdsa_with_one_nonce(const CardKey& key, ByteView input) {
  test::RawSignature raw = test::sign_with_one_nonce(key.key.get(), input);
  raw.r.insert(raw.r.end(), raw.s.begin(), raw.s.end());
  return crypto::ecdsa_der_from_raw(raw.r);
}

Attester::Attester(std::uint32_t firmware, bool fips)
    : root_key_(generate_key(algorithm::p256)), device_key_(generate_key(algorithm::p256)) {
  root_ = begin_certificate(root_key_.get(), "Emulated PIV Root CA");
  add_authority(root_.get(), 1);
  sign_certificate(root_.get(), X509_get_subject_name(root_.get()), root_key_.get());
  device_ = begin_certificate(device_key_.get(), "Yubico PIV Attestation");
  add_authority(device_.get(), 0);
  add_extension(device_.get(), std::string(yubico_arc) + "3", firmware_bytes(firmware));
  if (fips) add_extension(device_.get(), std::string(yubico_arc) + "10", der_integer(3));
  sign_certificate(device_.get(), X509_get_subject_name(root_.get()), root_key_.get());
}

Attester Attester::of_owner(std::uint32_t firmware) {
  Attester owner(firmware);
  owner.device_ = begin_certificate(owner.device_key_.get(), "Own Attestation");
  add_authority(owner.device_.get(), 0);
  sign_certificate(owner.device_.get(), X509_get_subject_name(owner.device_.get()),
                   owner.device_key_.get());
  return owner;
}

Bytes Attester::attest(const CardKey& key, const AttestedFacts& facts) const {
  const std::string arc = yubico_arc;
  const crypto::X509Handle made =
      begin_certificate(key.key.get(), "YubiKey PIV Attestation " + to_hex({&facts.slot, 1}));
  add_extension(made.get(), arc + "3", firmware_bytes(facts.firmware));
  add_extension(made.get(), arc + "7", der_integer(facts.serial));
  add_extension(made.get(), arc + "8", {key.pin_policy, key.touch_policy});
  if (facts.firmware >= 0x050000) add_extension(made.get(), arc + "9", {0x01});
  sign_certificate(made.get(), X509_get_subject_name(device_.get()), device_key_.get());
  return der_of(made.get());
}

Bytes Attester::device_certificate() const { return der_of(device_.get()); }

std::string Attester::root_pem() const {
  const crypto::Bio memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(memory.get(), root_.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

Bytes plain_certificate(const CardKey& key, const std::string& common_name) {
  const crypto::X509Handle made = begin_certificate(key.key.get(), common_name);
  sign_certificate(made.get(), X509_get_subject_name(made.get()), key.key.get());
  return der_of(made.get());
}

}  // namespace touchstone::piv_card
