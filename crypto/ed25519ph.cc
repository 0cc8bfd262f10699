#include "crypto/ed25519ph.h"

#include <sodium.h>

namespace touchstone::crypto {

static_assert(ed25519_key_bytes == crypto_sign_ed25519_PUBLICKEYBYTES);

bool verify_ed25519ph(ByteView key, ByteView message, ByteView signature) {
  if (key.size() != ed25519_key_bytes || signature.size() != crypto_sign_ed25519_BYTES) {
    return false;
  }
  crypto_sign_ed25519ph_state state;
  return sodium_init() >= 0 && crypto_sign_ed25519ph_init(&state) == 0 &&
         crypto_sign_ed25519ph_update(&state, message.data(), message.size()) == 0 &&
         crypto_sign_ed25519ph_final_verify(&state, signature.data(), key.data()) == 0;
}

}  // namespace touchstone::crypto
