// A private key in memory: key files, and the tests' keys.
#pragma once

#include <memory>
#include <string>

#include "base/key_device.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/public_key.h"

namespace touchstone::crypto {

// The numbers of a private key, for handing it to a device. Integers are big-endian without leading
// zeros; the secret ones are wiped at the end.
struct KeyNumbers {
  // RSA
  Bytes modulus;
  Bytes public_exponent;
  Secret private_exponent;
  Secret prime1;
  Secret prime2;
  Secret exponent1;
  Secret exponent2;
  Secret coefficient;
  // Elliptic curves: the point uncompressed and the scalar, as long as a coordinate. Ed25519: the
  // public key and the seed of RFC 8032, 32 bytes each.
  Bytes point;
  Secret scalar;
};

class PrivateKey {
 public:
  // PEM of type PRIVATE KEY, ENCRYPTED PRIVATE KEY (both PKCS#8), EC PRIVATE KEY or RSA PRIVATE
  // KEY. `passphrase` is used for the encrypted type only.
  // Errors: format.key, device.pin-wrong (wrong passphrase), device.pin-needed (encrypted, and
  // `passphrase` is null), policy.weak-key.
  static Result<PrivateKey> from_pem(ByteView pem, const Secret* passphrase);

  // PKCS#8, not encrypted. Errors: format.key, policy.weak-key.
  static Result<PrivateKey> from_pkcs8(ByteView der);

  static bool is_encrypted(ByteView pem);

  // A fresh key. `kind` rsa has 2048 bits.
  static PrivateKey generate(KeyKind kind, int rsa_bits = 2048);

  const PublicKey& public_key() const { return public_key_; }
  Result<Bytes> sign(Scheme scheme,
                     ByteView message) const;  // Errors: device.algorithm, device.failed
  // The same where only the message's digest is at hand, by the scheme's hash.
  // Errors: device.algorithm (Ed25519, a digest of another length), device.failed.
  Result<Bytes> sign_digest(Scheme scheme, ByteView digest) const;
  std::string pem() const;  // PKCS#8, not encrypted

  // PKCS#8 encrypted by PBES2: scrypt (N 16384, r 8, p 5: some 250 ms a try) and AES-256-CBC.
  std::string encrypted_pem(const Secret& passphrase) const;

  // Errors: format.key (an RSA key without its two primes, or with more).
  Result<KeyNumbers> numbers() const;

 private:
  PrivateKey(std::shared_ptr<evp_pkey_st> key, PublicKey public_key)
      : key_(std::move(key)), public_key_(std::move(public_key)) {}
  std::shared_ptr<evp_pkey_st> key_;
  PublicKey public_key_;
};

}  // namespace touchstone::crypto
