#include "crypto/encrypted_key.h"

#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <sodium.h>

#include <array>
#include <bit>

#include "base/limits.h"
#include "crypto/openssl.h"

namespace touchstone::crypto {
namespace {

using BoxKey = std::array<std::uint8_t, crypto_secretbox_KEYBYTES>;

Error malformed(std::string_view why) { return Error{Code::format_key, std::string(why), ""}; }

Status check(const EncryptedKey &key) {
  if (!std::has_single_bit(key.n) || key.n < 2 || key.n > limits::max_scrypt_cost || key.r != 8 ||
      key.p != 1) {
    return malformed(
        "the encrypted key's scrypt parameters are not within N "
        "<= 2^20, r = 8, p = 1");
  }
  if (key.nonce.size() != crypto_secretbox_NONCEBYTES) {
    return malformed("the encrypted key's nonce is not of 24 bytes");
  }
  if (key.ciphertext.size() <= crypto_secretbox_MACBYTES ||
      key.ciphertext.size() > limits::max_key_file_bytes) {
    return malformed("the encrypted key's ciphertext is too short or too long");
  }
  return ok();
}

// RFC 7914 section 6: 128 * N * r bytes for the large table; OpenSSL wants its
// limit named.
Result<BoxKey> derive(const EncryptedKey &key, const Secret &passphrase) {
  const std::uint64_t memory = 128 * key.r * (key.n + key.p + 4);
  const std::string_view text = passphrase.reveal();
  BoxKey box{};
  const int derived =
      EVP_PBE_scrypt_ex(text.data(), text.size(), key.salt.data(), key.salt.size(), key.n, key.r,
                        key.p, memory, box.data(), box.size(), library(), nullptr);
  drain_errors();
  if (derived != 1) return Error{Code::internal_error, "scrypt failed", ""};
  return box;
}

}  // namespace

Result<PrivateKey> decrypt_key(const EncryptedKey &key, const Secret &passphrase) {
  TS_CHECK(check(key));
  TS_TRY(BoxKey box, derive(key, passphrase));
  if (sodium_init() < 0) return Error{Code::internal_error, "libsodium does not start", ""};
  Bytes plain(key.ciphertext.size() - crypto_secretbox_MACBYTES);
  const bool opened =
      crypto_secretbox_open_easy(plain.data(), key.ciphertext.data(), key.ciphertext.size(),
                                 key.nonce.data(), box.data()) == 0;
  OPENSSL_cleanse(box.data(), box.size());
  if (!opened) {
    return Error{Code::device_pin_wrong, "the passphrase does not open the key file",
                 "give the key file's own passphrase"};
  }
  auto opened_key = PrivateKey::from_pkcs8(plain);
  OPENSSL_cleanse(plain.data(), plain.size());
  return opened_key;
}

}  // namespace touchstone::crypto
