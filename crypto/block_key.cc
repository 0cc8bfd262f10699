#include "crypto/block_key.h"

#include <openssl/crypto.h>

#include <utility>

#include "base/secret.h"
#include "crypto/openssl.h"

namespace touchstone::crypto {
namespace {

using Cipher = Handle<EVP_CIPHER, EVP_CIPHER_free>;
using CipherContext = Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

const char* name_of(BlockCipher cipher) {
  switch (cipher) {
    case BlockCipher::triple_des:
      return "DES-EDE3-ECB";
    case BlockCipher::aes128:
      return "AES-128-ECB";
    case BlockCipher::aes192:
      return "AES-192-ECB";
    case BlockCipher::aes256:
      return "AES-256-ECB";
  }
  return "";
}

}  // namespace

struct BlockKey::Wiped {
  explicit Wiped(ByteView key) : secret(as_text(key)) {}
  Secret secret;
};

std::size_t key_bytes(BlockCipher cipher) {
  if (cipher == BlockCipher::aes128) return 16;
  return cipher == BlockCipher::aes256 ? 32 : 24;
}

std::size_t block_bytes(BlockCipher cipher) { return cipher == BlockCipher::triple_des ? 8 : 16; }

std::optional<BlockKey> BlockKey::create(BlockCipher cipher, ByteView key) {
  if (key.size() != key_bytes(cipher)) return std::nullopt;
  return BlockKey(cipher, std::make_shared<const Wiped>(key));
}

std::optional<Bytes> BlockKey::encrypt(ByteView block) const { return run(block, true); }

std::optional<Bytes> BlockKey::decrypt(ByteView block) const { return run(block, false); }

std::optional<Bytes> BlockKey::run(ByteView block, bool encrypting) const {
  if (block.size() != block_bytes(cipher_)) return std::nullopt;
  const Cipher cipher(EVP_CIPHER_fetch(library(), name_of(cipher_), nullptr));
  const CipherContext context(EVP_CIPHER_CTX_new());
  Bytes out(2 * block.size());
  int size = 0;
  const bool done =
      cipher != nullptr && context != nullptr &&
      EVP_CipherInit_ex2(context.get(), cipher.get(), as_bytes(key_->secret.reveal()).data(),
                         nullptr, encrypting ? 1 : 0, nullptr) == 1 &&
      EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
      EVP_CipherUpdate(context.get(), out.data(), &size, block.data(),
                       static_cast<int>(block.size())) == 1;
  drain_errors();
  if (!done || static_cast<std::size_t>(size) != block.size()) return std::nullopt;
  out.resize(block.size());
  return out;
}

}  // namespace touchstone::crypto
