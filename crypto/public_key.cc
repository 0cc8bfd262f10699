#include "crypto/public_key.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>

#include "base/der.h"
#include "base/der_writer.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/ed25519ph.h"
#include "crypto/openssl.h"
#include "crypto/pem.h"
#include "crypto/verifying_context.h"

namespace touchstone::crypto {
namespace {

// The AlgorithmIdentifiers of the keys that are accepted, whole: other parameters, explicit curves
// among them, are other keys.
template <std::size_t n>
constexpr std::array<std::uint8_t, n> octets(const std::uint8_t (&list)[n]) {
  return std::to_array(list);
}
constexpr auto p256_algorithm =
    octets({0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
            0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07});
constexpr auto p384_algorithm = octets({0x30, 0x10, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02,
                                        0x01, 0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22});
constexpr auto p521_algorithm = octets({0x30, 0x10, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02,
                                        0x01, 0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23});
constexpr auto rsa_algorithm = octets(
    {0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00});
constexpr auto ed25519_algorithm = octets({0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70});

struct KnownAlgorithm {
  ByteView identifier;
  KeyKind kind;
  const char* curve;      // OpenSSL's name; "" for other kinds
  std::size_t key_bytes;  // of the point or the raw key; 0: it varies
};
constexpr std::array known_algorithms = {
    KnownAlgorithm{p256_algorithm, KeyKind::p256, "P-256", 1 + 2 * 32},
    KnownAlgorithm{p384_algorithm, KeyKind::p384, "P-384", 1 + 2 * 48},
    KnownAlgorithm{p521_algorithm, KeyKind::p521, "P-521", 1 + 2 * 66},
    KnownAlgorithm{rsa_algorithm, KeyKind::rsa, "", 0},
    KnownAlgorithm{ed25519_algorithm, KeyKind::ed25519, "", ed25519_key_bytes}};

bool is_ec(KeyKind kind) { return kind <= KeyKind::p521; }

Error malformed(std::string_view why) { return Error{Code::format_key, std::string(why), ""}; }
Error weak(std::string_view why) { return Error{Code::policy_weak_key, std::string(why), ""}; }

struct SpkiParts {
  ByteView algorithm;
  ByteView key;  // the BIT STRING's content without its first octet
};

std::optional<SpkiParts> split_spki(ByteView spki) {
  Reader outer(spki);
  const auto body = der::expect(outer, der::sequence);
  if (!body || !outer.at_end()) return std::nullopt;
  Reader inner(*body);
  const auto algorithm = der::next(inner);
  const auto key = der::expect(inner, der::bit_string);
  if (!algorithm || !key || !inner.at_end() || key->size() < 2 || (*key)[0] != 0) {
    return std::nullopt;
  }
  return SpkiParts{algorithm->whole, key->subspan(1)};
}

struct RsaNumbers {
  BigNumber modulus;
  BigNumber exponent;
};

// RFC 8017 appendix A.1.1: RSAPublicKey is a SEQUENCE of the modulus and the exponent.
std::optional<RsaNumbers> rsa_numbers(ByteView key) {
  Reader outer(key);
  const auto body = der::expect(outer, der::sequence);
  if (!body || !outer.at_end()) return std::nullopt;
  Reader inner(*body);
  const auto modulus = der::unsigned_integer(inner);
  const auto exponent = der::unsigned_integer(inner);
  if (!modulus || !exponent || !inner.at_end()) return std::nullopt;
  const auto number = [](ByteView bytes) {
    return BigNumber(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  };
  RsaNumbers numbers{number(*modulus), number(*exponent)};
  if (!numbers.modulus || !numbers.exponent) return std::nullopt;
  return numbers;
}

// CVE-2017-15361: primes of Infineon's generator are powers of 65537 modulo many small primes at
// once, and so is the modulus. By chance that happens to one key in some 2^27.
bool has_roca_fingerprint(const BIGNUM* modulus) {
  constexpr std::array<BN_ULONG, 38> primes = {
      3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
      73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
  return std::ranges::all_of(primes, [&](BN_ULONG prime) {
    const BN_ULONG residue = BN_mod_word(modulus, prime);
    BN_ULONG power = 1;
    do {
      if (power == residue) return true;
      power = power * 65537 % prime;
    } while (power != 1);
    return false;
  });
}

Status check_rsa(const RsaNumbers& key) {
  const BigNumber& modulus = key.modulus;
  const BigNumber& exponent = key.exponent;
  const int bits = BN_num_bits(modulus.get());
  if (bits < static_cast<int>(limits::min_rsa_bits) ||
      bits > static_cast<int>(limits::max_rsa_bits)) {
    return weak("an RSA key of " + std::to_string(bits) + " bits");
  }
  const bool short_exponent = BN_num_bits(exponent.get()) <= 16;
  if (short_exponent || BN_is_odd(exponent.get()) != 1 || BN_num_bits(exponent.get()) > 256) {
    return weak("an RSA key whose exponent is even, below 65537 or over 256 bits");
  }
  if (has_roca_fingerprint(modulus.get())) {
    return weak("an RSA key of a generator that is broken (ROCA, CVE-2017-15361)");
  }
  return ok();
}

// A key of OpenSSL's from what was read. Not through its decoders: they look at every provider's
// every algorithm first, and cost more than all else that verifying an image does.
Pkey from_parameters(const char* kind, const OSSL_PARAM* parameters) {
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(verifying_library(), kind, nullptr));
  EVP_PKEY* key = nullptr;
  if (context && EVP_PKEY_fromdata_init(context.get()) == 1) {
    // OpenSSL takes the parameters as changeable, and changes none.
    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY,
                      const_cast<OSSL_PARAM*>(parameters));
  }
  return Pkey(key);
}

Pkey elliptic_key(const char* curve, ByteView point) {
  const std::array parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(curve), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
                                        const_cast<std::uint8_t*>(point.data()), point.size()),
      OSSL_PARAM_construct_end()};
  return from_parameters("EC", parameters.data());
}

Pkey rsa_key(const RsaNumbers& numbers) {
  using Builder = Handle<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
  using Parameters = Handle<OSSL_PARAM, OSSL_PARAM_free>;
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, numbers.modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, numbers.exponent.get()) != 1) {
    return nullptr;
  }
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  return parameters ? from_parameters("RSA", parameters.get()) : nullptr;
}

Pkey edwards_key(ByteView key) {
  return Pkey(EVP_PKEY_new_raw_public_key_ex(verifying_library(), "ED25519", nullptr, key.data(),
                                             key.size()));
}

// What a scheme means to OpenSSL, and for which keys it is in the closed table.
struct SchemeInfo {
  Scheme scheme;
  std::optional<Hash> hash;  // absent: the message itself is signed
  bool pss;
  std::string_view name;
};
constexpr std::array schemes = {
    SchemeInfo{Scheme::ecdsa_sha256, Hash::sha256, false, "ECDSA with SHA-256"},
    SchemeInfo{Scheme::ecdsa_sha384, Hash::sha384, false, "ECDSA with SHA-384"},
    SchemeInfo{Scheme::ecdsa_sha512, Hash::sha512, false, "ECDSA with SHA-512"},
    SchemeInfo{Scheme::rsa_pkcs1_sha256, Hash::sha256, false, "RSA PKCS#1 v1.5 with SHA-256"},
    SchemeInfo{Scheme::rsa_pkcs1_sha384, Hash::sha384, false, "RSA PKCS#1 v1.5 with SHA-384"},
    SchemeInfo{Scheme::rsa_pkcs1_sha512, Hash::sha512, false, "RSA PKCS#1 v1.5 with SHA-512"},
    SchemeInfo{Scheme::rsa_pss_sha256, Hash::sha256, true, "RSA-PSS with SHA-256"},
    SchemeInfo{Scheme::rsa_pss_sha384, Hash::sha384, true, "RSA-PSS with SHA-384"},
    SchemeInfo{Scheme::rsa_pss_sha512, Hash::sha512, true, "RSA-PSS with SHA-512"},
    SchemeInfo{Scheme::ed25519, std::nullopt, false, "Ed25519"},
    SchemeInfo{Scheme::ed25519ph, std::nullopt, false, "Ed25519ph"},
};

const SchemeInfo& info(Scheme scheme) { return schemes.at(static_cast<std::size_t>(scheme)); }

// An RSA signature says which hash is in it.
bool set_rsa(EVP_PKEY_CTX* settings, const SchemeInfo& how) {
  if (EVP_PKEY_CTX_set_signature_md(settings, message_digest(*how.hash)) != 1) return false;
  return !how.pss || (EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
                      EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1);
}

bool fits(KeyKind kind, Scheme scheme) {
  switch (scheme) {
    case Scheme::ecdsa_sha256:
      return is_ec(kind);
    case Scheme::ecdsa_sha384:
      return kind == KeyKind::p384;
    case Scheme::ecdsa_sha512:
      return kind == KeyKind::p521;
    case Scheme::ed25519:
    case Scheme::ed25519ph:
      return kind == KeyKind::ed25519;
    default:
      return kind == KeyKind::rsa;
  }
}

}  // namespace

Result<PublicKey> PublicKey::from_der(ByteView spki) {
  const auto parts = split_spki(spki);
  if (!parts) return malformed("not a SubjectPublicKeyInfo");
  const auto known = std::ranges::find_if(known_algorithms, [&](const KnownAlgorithm& algorithm) {
    return std::ranges::equal(algorithm.identifier, parts->algorithm);
  });
  if (known == known_algorithms.end()) return weak("a key of a kind that is not accepted");
  if (known->key_bytes != 0 && parts->key.size() != known->key_bytes) {
    return malformed("a public key of a length that its kind does not have");
  }

  Pkey pkey;
  if (is_ec(known->kind)) {
    // SEC 1 section 2.3.3: 04 marks the uncompressed form. One key must have one spelling.
    if (parts->key[0] != 0x04) {
      return malformed("an elliptic-curve point that is not in uncompressed form");
    }
    pkey = elliptic_key(known->curve, parts->key);
  } else if (known->kind == KeyKind::rsa) {
    const auto numbers = rsa_numbers(parts->key);
    if (!numbers) return malformed("not an RSA key");
    TS_CHECK(check_rsa(*numbers));
    pkey = rsa_key(*numbers);
  } else {
    pkey = edwards_key(parts->key);
  }
  const std::string reason = drain_errors();
  if (!pkey) {
    return malformed("not a usable public key" + (reason.empty() ? "" : " (" + reason + ")"));
  }
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(verifying_library(), pkey.get(), nullptr));
  if (!context || EVP_PKEY_public_check_quick(context.get()) != 1) {
    drain_errors();
    return malformed("a public key that fails its check");
  }

  PublicKey key;
  key.kind_ = known->kind;
  key.bits_ = EVP_PKEY_get_bits(pkey.get());
  key.spki_.assign(spki.begin(), spki.end());
  key.key_ = std::shared_ptr<EVP_PKEY>(std::move(pkey));
  return key;
}

Result<PublicKey> PublicKey::from_pkcs1_der(ByteView key) {
  return from_der(der::element(der::sequence, {rsa_algorithm, der::bits(key)}));
}

Result<PublicKey> PublicKey::from_file(ByteView contents) {
  if (!looks_like_pem(contents)) return from_der(contents);
  TS_TRY(const PemBlock block, parse_pem(contents));
  if (block.type == "PUBLIC KEY") return from_der(block.der);
  const std::uint8_t* cursor = block.der.data();
  const std::uint8_t* const end = cursor + block.der.size();
  const auto size = static_cast<long>(block.der.size());
  Pkey key;
  if (block.type == "RSA PUBLIC KEY") {
    key.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &cursor, size));
  } else if (block.type == "CERTIFICATE") {
    const X509Handle certificate(d2i_X509(nullptr, &cursor, size));
    if (certificate) key.reset(X509_get_pubkey(certificate.get()));
  } else if (block.type.find("PRIVATE") != std::string::npos) {
    return malformed("a private key where a public key is wanted");
  } else {
    return malformed("a PEM block that is neither a public key nor a certificate");
  }
  drain_errors();
  if (!key || cursor != end) return malformed("the PEM block's content is malformed");
  std::uint8_t* encoded = nullptr;
  const int length = i2d_PUBKEY(key.get(), &encoded);
  const Bytes spki(encoded, encoded + std::max(length, 0));
  OPENSSL_free(encoded);
  return from_der(spki);
}

std::string PublicKey::kind_name() const {
  switch (kind_) {
    case KeyKind::p256:
      return "ECDSA P-256";
    case KeyKind::p384:
      return "ECDSA P-384";
    case KeyKind::p521:
      return "ECDSA P-521";
    case KeyKind::ed25519:
      return "Ed25519";
    case KeyKind::rsa:
      return "RSA-" + std::to_string(bits_);
  }
  return "";
}

std::string PublicKey::pem() const { return to_pem("PUBLIC KEY", spki_); }

std::string PublicKey::hint() const { return to_base64(hash(Hash::sha256, spki_)); }

std::string PublicKey::fingerprint() const { return digest_of(spki_).to_string(); }

Scheme PublicKey::signing_scheme() const { return verification_schemes().front(); }

std::vector<Scheme> PublicKey::verification_schemes() const {
  switch (kind_) {
    case KeyKind::p256:
      return {Scheme::ecdsa_sha256};
    case KeyKind::p384:  // SHA-256 because PKCS#11 and PIV builds of cosign made such
      return {Scheme::ecdsa_sha384, Scheme::ecdsa_sha256};
    case KeyKind::p521:
      return {Scheme::ecdsa_sha512, Scheme::ecdsa_sha256};
    case KeyKind::rsa:
      return {Scheme::rsa_pkcs1_sha256};
    case KeyKind::ed25519:  // pre-hashed because cosign v3 makes such in bundles
      return {Scheme::ed25519, Scheme::ed25519ph};
  }
  return {};
}

bool PublicKey::verify_prehashed(Scheme scheme, ByteView digest, ByteView signature) const {
  if (!fits(kind_, scheme)) return false;
  if (scheme == Scheme::ed25519ph) {
    return verify_ed25519ph_digest(ByteView(spki_).last(ed25519_key_bytes), digest, signature);
  }
  const SchemeInfo& how = info(scheme);
  if (!how.hash ||
      digest.size() != static_cast<std::size_t>(EVP_MD_get_size(message_digest(*how.hash)))) {
    return false;
  }
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(verifying_library(), key_.get(), nullptr));
  // Returns 1, 0 or a negative number; only 1 is a good signature.
  const bool good = context && EVP_PKEY_verify_init(context.get()) == 1 &&
                    (kind_ != KeyKind::rsa || set_rsa(context.get(), how)) &&
                    EVP_PKEY_verify(context.get(), signature.data(), signature.size(),
                                    digest.data(), digest.size()) == 1;
  drain_errors();
  return good;
}

bool PublicKey::verify(Scheme scheme, ByteView message, ByteView signature) const {
  if (!fits(kind_, scheme)) return false;
  if (scheme == Scheme::ed25519ph) {
    return verify_ed25519ph(ByteView(spki_).last(ed25519_key_bytes), message, signature);
  }
  if (const auto hashed = info(scheme).hash) {
    return verify_prehashed(scheme, hash(*hashed, message), signature);
  }
  const MdContext context(EVP_MD_CTX_new());
  const bool good = context &&
                    EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, verifying_library(),
                                            nullptr, key_.get(), nullptr) == 1 &&
                    EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                     message.data(), message.size()) == 1;
  drain_errors();
  return good;
}

std::string_view scheme_name(Scheme scheme) { return info(scheme).name; }

std::optional<Bytes> ecdsa_der_from_raw(ByteView raw) {
  if (raw.empty() || raw.size() % 2 != 0 || raw.size() > 132) return std::nullopt;
  Bytes body;
  for (ByteView half : {raw.first(raw.size() / 2), raw.last(raw.size() / 2)}) {
    while (half.size() > 1 && half[0] == 0) half = half.subspan(1);
    const bool pad = (half[0] & 0x80) != 0;
    body.push_back(der::integer);
    body.push_back(static_cast<std::uint8_t>(half.size() + (pad ? 1 : 0)));
    if (pad) body.push_back(0);
    body.insert(body.end(), half.begin(), half.end());
  }
  Bytes out = {der::sequence};
  if (body.size() >= 0x80) out.push_back(0x81);
  out.push_back(static_cast<std::uint8_t>(body.size()));
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

}  // namespace touchstone::crypto
