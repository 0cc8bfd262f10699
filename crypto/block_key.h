// A shared key of a block cipher, and single blocks by it: how a smart card and who manages it
// prove to each other that they know the key. Not for keeping anything secret: there is no mode.
//
// Spec: NIST SP 800-78-4 table 6-2 (Triple DES with three keys, AES), FIPS 197.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"

namespace touchstone::crypto {

enum class BlockCipher : std::uint8_t { triple_des, aes128, aes192, aes256 };

std::size_t key_bytes(BlockCipher cipher);    // 24, 16, 24, 32
std::size_t block_bytes(BlockCipher cipher);  // 8 for Triple DES, else 16

class BlockKey {
 public:
  // Absent when the key does not have the cipher's length.
  static std::optional<BlockKey> create(BlockCipher cipher, ByteView key);

  // Of exactly one block. Absent when it is of another length.
  std::optional<Bytes> encrypt(ByteView block) const;
  std::optional<Bytes> decrypt(ByteView block) const;

  BlockCipher cipher() const { return cipher_; }

 private:
  struct Wiped;
  BlockKey(BlockCipher cipher, std::shared_ptr<const Wiped> key)
      : cipher_(cipher), key_(std::move(key)) {}
  std::optional<Bytes> run(ByteView block, bool encrypting) const;

  BlockCipher cipher_;
  std::shared_ptr<const Wiped> key_;
};

}  // namespace touchstone::crypto
