#include "hsm/piv_algorithm.h"

#include <algorithm>
#include <array>

#include "crypto/hash.h"
#include "hsm/signature_input.h"

namespace touchstone::hsm {
namespace {

using crypto::BlockCipher;
using crypto::Hash;
using crypto::KeyKind;

constexpr std::array<PivAlgorithm, 6> table = {{
    {0x07, KeyKind::rsa, 2048},
    {0x05, KeyKind::rsa, 3072},
    {0x16, KeyKind::rsa, 4096},
    {0x11, KeyKind::p256, 256},
    {0x14, KeyKind::p384, 384},
    {0xE0, KeyKind::ed25519, 256},
}};

// SP 800-78-4 table 6-2.
struct ManagementAlgorithm {
  std::uint8_t id;
  BlockCipher cipher;
};
constexpr std::array<ManagementAlgorithm, 4> ciphers = {{
    {0x03, BlockCipher::triple_des},
    {0x08, BlockCipher::aes128},
    {0x0A, BlockCipher::aes192},
    {0x0C, BlockCipher::aes256},
}};

// RFC 8017 section 9.2: 00 01 FF..FF 00 DigestInfo. A modulus of 2048 bits leaves room enough.
Bytes pkcs1_block(const Bytes& digest_info, std::size_t size) {
  Bytes block(size, 0xFF);
  block[0] = 0x00;
  block[1] = 0x01;
  const std::size_t start = size - digest_info.size();
  block[start - 1] = 0x00;
  std::ranges::copy(digest_info, block.begin() + static_cast<std::ptrdiff_t>(start));
  return block;
}

// RFC 8017 appendix B.2.1.
Bytes mgf1(Hash hash, const Bytes& seed, std::size_t size) {
  Bytes mask;
  for (std::uint8_t counter = 0; mask.size() < size; ++counter) {  // at most 16 rounds
    Bytes input = seed;
    input.insert(input.end(), {0, 0, 0, counter});
    const Bytes part = crypto::hash(hash, input);
    mask.insert(mask.end(), part.begin(), part.end());
  }
  mask.resize(size);
  return mask;
}

// RFC 8017 section 9.1.1, with a salt as long as the hash. The modulus has a whole number of bytes,
// so the encoding has one bit less than the block.
Bytes pss_block(Hash hash, const Bytes& digest, std::size_t size) {
  const Bytes salt = crypto::random_bytes(digest.size());
  Bytes primed(8, 0x00);
  primed.insert(primed.end(), digest.begin(), digest.end());
  primed.insert(primed.end(), salt.begin(), salt.end());
  const Bytes fingerprint = crypto::hash(hash, primed);

  Bytes block(size - fingerprint.size() - 1, 0x00);
  block[block.size() - salt.size() - 1] = 0x01;
  std::ranges::copy(salt, block.end() - static_cast<std::ptrdiff_t>(salt.size()));
  const Bytes mask = mgf1(hash, fingerprint, block.size());
  for (std::size_t i = 0; i < block.size(); ++i) block[i] ^= mask[i];
  block[0] &= 0x7F;
  block.insert(block.end(), fingerprint.begin(), fingerprint.end());
  block.push_back(0xBC);
  return block;
}

Hash hash_of(const ck::PssParameters& parameters) {
  if (parameters.hash == ck::mechanism::sha256) return Hash::sha256;
  return parameters.hash == ck::mechanism::sha384 ? Hash::sha384 : Hash::sha512;
}

}  // namespace

const PivAlgorithm* find_piv_algorithm(std::uint8_t id) {
  const auto row =
      std::ranges::find_if(table, [&](const PivAlgorithm& known) { return known.id == id; });
  return row == table.end() ? nullptr : &*row;
}

const PivAlgorithm* find_piv_algorithm(const crypto::PublicKey& key) {
  return find_piv_algorithm(key.kind(), key.bits());
}

const PivAlgorithm* find_piv_algorithm(KeyKind kind, int rsa_bits) {
  const auto row = std::ranges::find_if(table, [&](const PivAlgorithm& known) {
    return known.kind == kind && (kind != KeyKind::rsa || known.bits == rsa_bits);
  });
  return row == table.end() ? nullptr : &*row;
}

std::optional<BlockCipher> management_cipher(std::uint8_t id) {
  const auto row = std::ranges::find(ciphers, id, &ManagementAlgorithm::id);
  if (row == ciphers.end()) return std::nullopt;
  return row->cipher;
}

std::uint8_t management_algorithm(BlockCipher cipher) {
  return std::ranges::find(ciphers, cipher, &ManagementAlgorithm::cipher)->id;
}

Result<Bytes> card_input(const crypto::PublicKey& key, Scheme scheme, const Content& content) {
  TS_TRY(SignatureInput input, signature_input(key, scheme, content));
  const auto modulus_bytes = static_cast<std::size_t>(key.bits()) / 8;
  switch (input.mechanism) {
    case ck::mechanism::rsa_pkcs:
      return pkcs1_block(input.data, modulus_bytes);
    case ck::mechanism::rsa_pkcs_pss:
      return pss_block(hash_of(input.pss), input.data, modulus_bytes);
    default:
      return std::move(input.data);
  }
}

}  // namespace touchstone::hsm
