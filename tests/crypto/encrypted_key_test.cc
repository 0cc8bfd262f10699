#include "crypto/encrypted_key.h"

#include <catch2/catch.hpp>

#include "base/limits.h"

namespace touchstone::crypto {
namespace {

EncryptedKey plausible() {
  return EncryptedKey{2, 8, 1, Bytes(32, 1), Bytes(24, 2), Bytes(100, 3)};
}

}  // namespace

TEST_CASE("what scrypt and the box cannot be is refused before it is tried", "[encrypted_key]") {
  struct Row {
    const char *why;
    void (*change)(EncryptedKey &);
  };
  const auto row = GENERATE(values<Row>({
      {"no cost", [](EncryptedKey &key) { key.n = 0; }},
      {"a cost of one", [](EncryptedKey &key) { key.n = 1; }},
      {"a cost that is no power of two", [](EncryptedKey &key) { key.n = 65'537; }},
      {"a cost over the limit", [](EncryptedKey &key) { key.n = limits::max_scrypt_cost * 2; }},
      {"the largest power of two", [](EncryptedKey &key) { key.n = std::uint64_t{1} << 63; }},
      {"another block size", [](EncryptedKey &key) { key.r = 16; }},
      {"no block size", [](EncryptedKey &key) { key.r = 0; }},
      {"another parallelism", [](EncryptedKey &key) { key.p = 2; }},
      {"no parallelism", [](EncryptedKey &key) { key.p = 0; }},
      {"a short nonce", [](EncryptedKey &key) { key.nonce.pop_back(); }},
      {"a long nonce", [](EncryptedKey &key) { key.nonce.push_back(0); }},
      {"no ciphertext", [](EncryptedKey &key) { key.ciphertext.clear(); }},
      {"nothing but the tag", [](EncryptedKey &key) { key.ciphertext.resize(16); }},
      {"a ciphertext over the limit",
       [](EncryptedKey &key) { key.ciphertext.resize(limits::max_key_file_bytes + 1); }},
  }));
  CAPTURE(row.why);
  EncryptedKey key = plausible();
  row.change(key);
  const auto opened = decrypt_key(key, Secret("x"));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Code::format_key);
}

TEST_CASE("a box that does not open says that the passphrase is wrong", "[encrypted_key]") {
  const auto opened = decrypt_key(plausible(), Secret("x"));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Code::device_pin_wrong);
}

}  // namespace touchstone::crypto
