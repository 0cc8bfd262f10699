// Public keys that may be trusted, and the checking of signatures with them.
//
// Accepted: ECDSA on P-256, P-384 and P-521 with named curves, Ed25519, RSA of 2048 to 8192 bits
// with an odd exponent of at least 65537 and without the ROCA fingerprint (CVE-2017-15361).
// Spec: RFC 5280 section 4.1.2.7 (SubjectPublicKeyInfo), RFC 5480, RFC 8017, RFC 8032.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/key_device.h"
#include "base/result.h"
#include "crypto/hash.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace touchstone::crypto {

enum class KeyKind : std::uint8_t { p256, p384, p521, rsa, ed25519 };

class PublicKey {
 public:
  // One SubjectPublicKeyInfo and nothing after it.
  // Errors: format.key, policy.weak-key.
  static Result<PublicKey> from_der(ByteView spki);

  // One RSAPublicKey (PKCS#1, RFC 8017 appendix A.1.1) and nothing after it; der() is its
  // SubjectPublicKeyInfo. Errors: format.key, policy.weak-key.
  static Result<PublicKey> from_pkcs1_der(ByteView key);

  // The file of a user: one PEM block of type PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE (its key is
  // taken), or SubjectPublicKeyInfo in DER. Two blocks, other types, PEM headers and text that is
  // no comment before the block are refused.
  // Errors: format.key, policy.weak-key.
  static Result<PublicKey> from_file(ByteView contents);

  KeyKind kind() const { return kind_; }
  int bits() const { return bits_; }
  std::string kind_name() const;  // "ECDSA P-256", "RSA-2048", "Ed25519"

  const Bytes& der() const { return spki_; }  // SubjectPublicKeyInfo
  std::string pem() const;                    // type PUBLIC KEY

  // base64(SHA-256(SubjectPublicKeyInfo)): what sigstore bundles carry as `hint`.
  std::string hint() const;

  // sha256:HEX of the SubjectPublicKeyInfo, for people and reports.
  std::string fingerprint() const;

  // The scheme to sign with (design section 11.2): P-256 and RSA SHA-256, P-384 SHA-384,
  // P-521 SHA-512, Ed25519 pure.
  Scheme signing_scheme() const;

  // Every scheme to try when verifying a DSSE signature with this key, the likely one first: the
  // closed table of key and hash pairs. RSA-PSS is not among them.
  std::vector<Scheme> verification_schemes() const;

  // Whether `signature` is over `message`. False as well when the key cannot do the scheme.
  bool verify(Scheme scheme, ByteView message, ByteView signature) const;

  // The same where only the message's digest is known: by the scheme's hash, and SHA-512 for
  // Ed25519ph. False as well for a digest of another length, and always for pure Ed25519, which
  // signs no digest.
  bool verify_prehashed(Scheme scheme, ByteView digest, ByteView signature) const;

  friend bool operator==(const PublicKey& a, const PublicKey& b) { return a.spki_ == b.spki_; }

 private:
  PublicKey() = default;
  std::shared_ptr<evp_pkey_st> key_;
  Bytes spki_;
  KeyKind kind_ = KeyKind::p256;
  int bits_ = 0;
};

// "ECDSA with SHA-256" and the like.
std::string_view scheme_name(Scheme scheme);

// ECDSA's (r, s) from fixed-width r||s, as PKCS#11, JWS and COSE have it, to strict DER.
// Absent when the size is odd or zero.
std::optional<Bytes> ecdsa_der_from_raw(ByteView raw);

}  // namespace touchstone::crypto
