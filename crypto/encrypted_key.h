// Private keys as cosign encrypts them: scrypt over the passphrase, NaCl's
// secretbox over the key.
//
// Spec: RFC 7914 (scrypt), NaCl crypto_secretbox (XSalsa20 and Poly1305),
// PKCS#8 within.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/private_key.h"

namespace touchstone::crypto {

struct EncryptedKey {
  std::uint64_t n = 0;  // scrypt's cost, block size and parallelism
  std::uint64_t r = 0;
  std::uint64_t p = 0;
  Bytes salt;
  Bytes nonce;
  Bytes ciphertext;  // Poly1305's tag first
};

// Refused before anything is allocated: a cost that is no power of two or over
// limits::max_scrypt_cost, a block size but 8, a parallelism but 1, a nonce but
// of 24 bytes. An empty passphrase is one like any other. Errors: format.key,
// device.pin-wrong, policy.weak-key.
Result<PrivateKey> decrypt_key(const EncryptedKey &key, const Secret &passphrase);

}  // namespace touchstone::crypto
