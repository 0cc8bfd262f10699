// The algorithms of PIV cards: those that sign, with what a card is given to sign, and those of
// management keys.
//
// Spec: NIST SP 800-78-4 table 6-2, and Yubico's for RSA-3072, RSA-4096 and Ed25519 (firmware 5.7).
// The card signs what it is given: the host hashes, and pads for RSA (RFC 8017 sections 9.1.1 and
// 9.2).
#pragma once

#include <cstdint>
#include <optional>

#include "base/key_device.h"
#include "base/result.h"
#include "crypto/block_key.h"
#include "crypto/public_key.h"
#include "hsm/signature_input.h"

namespace touchstone::hsm {

struct PivAlgorithm {
  std::uint8_t id;
  crypto::KeyKind kind;
  int bits;
};

// Null for what is not supported: RSA-1024, and what is no signing algorithm.
const PivAlgorithm* find_piv_algorithm(std::uint8_t id);
const PivAlgorithm* find_piv_algorithm(const crypto::PublicKey& key);

// Null when PIV has none of that kind. `rsa_bits` counts for RSA alone.
const PivAlgorithm* find_piv_algorithm(crypto::KeyKind kind, int rsa_bits);

// Of management keys. Absent for what is none.
std::optional<crypto::BlockCipher> management_cipher(std::uint8_t id);
std::uint8_t management_algorithm(crypto::BlockCipher cipher);

// The digest for ECDSA; a block as long as the modulus for RSA; the message for Ed25519.
// Errors: device.algorithm.
Result<Bytes> card_input(const crypto::PublicKey& key, Scheme scheme, const Content& content);

}  // namespace touchstone::hsm
