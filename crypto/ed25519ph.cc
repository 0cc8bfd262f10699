#include "crypto/ed25519ph.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "crypto/hash.h"

namespace touchstone::crypto {
namespace {

static_assert(ed25519_key_bytes == crypto_sign_ed25519_PUBLICKEYBYTES);

// RFC 8032 section 5.1.7: the second half is "an integer S, in the range 0 <= s < L".
bool is_reduced(ByteView scalar) {
  std::array<std::uint8_t, crypto_core_ed25519_NONREDUCEDSCALARBYTES> wide{};
  std::array<std::uint8_t, crypto_core_ed25519_SCALARBYTES> reduced{};
  std::ranges::copy(scalar, wide.begin());
  crypto_core_ed25519_scalar_reduce(reduced.data(), wide.data());
  return std::ranges::equal(reduced, scalar);
}

}  // namespace

bool verify_ed25519ph(ByteView key, ByteView message, ByteView signature) {
  if (key.size() != ed25519_key_bytes || signature.size() != crypto_sign_ed25519_BYTES) {
    return false;
  }
  crypto_sign_ed25519ph_state state;
  return sodium_init() >= 0 && crypto_sign_ed25519ph_init(&state) == 0 &&
         crypto_sign_ed25519ph_update(&state, message.data(), message.size()) == 0 &&
         crypto_sign_ed25519ph_final_verify(&state, signature.data(), key.data()) == 0;
}

bool verify_ed25519ph_digest(ByteView key, ByteView sha512, ByteView signature) {
  if (key.size() != ed25519_key_bytes || sha512.size() != crypto_hash_sha512_BYTES ||
      signature.size() != crypto_sign_ed25519_BYTES || sodium_init() < 0) {
    return false;
  }
  // libsodium hashes messages itself and takes no digest, so these are the steps of RFC 8032
  // section 5.1.7 on its points and scalars.
  using Point = std::array<std::uint8_t, crypto_core_ed25519_BYTES>;
  using Scalar = std::array<std::uint8_t, crypto_core_ed25519_SCALARBYTES>;
  const ByteView r = signature.first(crypto_core_ed25519_BYTES);
  const ByteView s = signature.last(crypto_core_ed25519_SCALARBYTES);
  if (!is_reduced(s)) return false;
  // dom2(1, ""): the text, the flag for a pre-hashed message, the length of the context.
  Bytes challenge = to_bytes("SigEd25519 no Ed25519 collisions");
  challenge.insert(challenge.end(), {1, 0});
  for (const ByteView part : {r, key, sha512}) {
    challenge.insert(challenge.end(), part.begin(), part.end());
  }
  Scalar k{};
  crypto_core_ed25519_scalar_reduce(k.data(), hash(Hash::sha512, challenge).data());
  // R = [S]B - [k]A. Multiplying refuses a key outside the subgroup, where the cofactor would
  // matter.
  Point of_base{};
  Point of_key{};
  Point wanted{};
  return crypto_scalarmult_ed25519_base_noclamp(of_base.data(), s.data()) == 0 &&
         crypto_scalarmult_ed25519_noclamp(of_key.data(), k.data(), key.data()) == 0 &&
         crypto_core_ed25519_sub(wanted.data(), of_base.data(), of_key.data()) == 0 &&
         std::ranges::equal(wanted, r);
}

}  // namespace touchstone::crypto
