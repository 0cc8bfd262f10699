// A private key in a slot of the card, and the two certificates a card makes: the attestation of a
// slot, and (for tests) a plain one for the slot's key.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "crypto/openssl.h"

namespace touchstone::piv_card {

namespace algorithm {
constexpr std::uint8_t rsa1024 = 0x06;
constexpr std::uint8_t rsa2048 = 0x07;
constexpr std::uint8_t rsa3072 = 0x05;
constexpr std::uint8_t rsa4096 = 0x16;
constexpr std::uint8_t p256 = 0x11;
constexpr std::uint8_t p384 = 0x14;
constexpr std::uint8_t ed25519 = 0xE0;
}  // namespace algorithm

struct CardKey {
  std::uint8_t algorithm = 0;
  std::uint8_t pin_policy = 0;    // 1 never, 2 once, 3 always
  std::uint8_t touch_policy = 0;  // 1 never, 2 always, 3 cached
  std::uint8_t origin = 1;        // 1 generated, 2 imported
  crypto::Pkey key;
};

// Whether cards of this firmware (5.7.0 is 0x050700) know the algorithm.
bool knows(std::uint32_t firmware, std::uint8_t algorithm);

crypto::Pkey generate_key(std::uint8_t algorithm);

// From RSA's two primes, EC's scalar, or Ed25519's seed. Null when they are no key.
crypto::Pkey import_rsa(std::uint8_t algorithm, ByteView p, ByteView q);
crypto::Pkey import_ec(std::uint8_t algorithm, ByteView scalar);
crypto::Pkey import_ed25519(ByteView seed);

// As metadata and GENERATE have it: 86 point, or 81 modulus and 82 exponent.
Bytes public_key_tlv(const CardKey& key);

// The private operation: RSA on a whole block, ECDSA on a digest (DER), Ed25519 on the message.
// Absent when the input does not fit.
std::optional<Bytes> private_operation(const CardKey& key, ByteView input);

// The same for P-256 and P-384, with one secret number for all signatures.
std::optional<Bytes> ecdsa_with_one_nonce(const CardKey& key, ByteView input);

// What an attestation says, beside the key. Spec: Yubico's PIV attestation,
// arc 1.3.6.1.4.1.41482.3.
struct AttestedFacts {
  std::uint8_t slot = 0;
  std::uint32_t firmware = 0;
  std::uint32_t serial = 0;
};

// The makers of attestations: a root, and the device's key (slot f9) certified by it.
class Attester {
 public:
  explicit Attester(std::uint32_t firmware, bool fips = false);

  // Whose device key is certified by nobody but itself.
  static Attester of_owner(std::uint32_t firmware);

  Bytes attest(const CardKey& key, const AttestedFacts& facts) const;  // DER
  Bytes device_certificate() const;                                    // DER
  std::string root_pem() const;

 private:
  crypto::Pkey root_key_;
  crypto::X509Handle root_;
  crypto::Pkey device_key_;
  crypto::X509Handle device_;
};

// A certificate for the key with this common name, signed by itself. DER.
Bytes plain_certificate(const CardKey& key, const std::string& common_name);

}  // namespace touchstone::piv_card
