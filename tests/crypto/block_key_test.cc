#include "crypto/block_key.h"

#include <catch2/catch.hpp>

#include "base/encoding.h"

namespace touchstone::crypto {

TEST_CASE("blocks are what the standards say", "[block-key]") {
  struct Row {
    const char* why;
    BlockCipher cipher;
    const char* key;
    const char* plain;
    const char* encrypted;
  };
  // FIPS 197 appendix C, and NIST SP 800-67's example of three keys, first block.
  const auto row = GENERATE(values<Row>({
      {"AES-128", BlockCipher::aes128, "000102030405060708090a0b0c0d0e0f",
       "00112233445566778899aabbccddeeff", "69c4e0d86a7b0430d8cdb78070b4c55a"},
      {"AES-192", BlockCipher::aes192, "000102030405060708090a0b0c0d0e0f1011121314151617",
       "00112233445566778899aabbccddeeff", "dda97ca4864cdfe06eaf70a0ec0d7191"},
      {"AES-256", BlockCipher::aes256,
       "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
       "00112233445566778899aabbccddeeff", "8ea2b7ca516745bfeafc49904b496089"},
      {"Triple DES", BlockCipher::triple_des, "0123456789abcdef23456789abcdef01456789abcdef0123",
       "5468652071756663", "a826fd8ce53b855f"},
  }));
  CAPTURE(row.why);
  const auto key = BlockKey::create(row.cipher, *from_hex(row.key));
  REQUIRE(key);
  CHECK(to_hex(*key->encrypt(*from_hex(row.plain))) == row.encrypted);
  CHECK(to_hex(*key->decrypt(*from_hex(row.encrypted))) == row.plain);
  CHECK(key->cipher() == row.cipher);
}

TEST_CASE("a key or block of another length is refused", "[block-key]") {
  for (const auto cipher :
       {BlockCipher::triple_des, BlockCipher::aes128, BlockCipher::aes192, BlockCipher::aes256}) {
    const std::size_t size = key_bytes(cipher);
    CHECK_FALSE(BlockKey::create(cipher, Bytes(size - 1)));
    CHECK_FALSE(BlockKey::create(cipher, Bytes(size + 1)));
    CHECK_FALSE(BlockKey::create(cipher, Bytes()));
    const auto key = BlockKey::create(cipher, Bytes(size));
    REQUIRE(key);
    const std::size_t block = block_bytes(cipher);
    for (const std::size_t wrong : {std::size_t{0}, block - 1, block + 1, 2 * block}) {
      CHECK_FALSE(key->encrypt(Bytes(wrong)));
      CHECK_FALSE(key->decrypt(Bytes(wrong)));
    }
  }
}

}  // namespace touchstone::crypto
