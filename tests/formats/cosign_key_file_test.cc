#include "formats/cosign_key_file.h"

#include <catch2/catch.hpp>

#include "base/limits.h"

namespace touchstone::formats {
namespace {

const std::string good =
    R"({"kdf":{"name":"scrypt","params":{"N":65536,"r":8,"p":1},"salt":"AAAA"},)"
    R"("cipher":{"name":"nacl/secretbox","nonce":"AQEB"},"ciphertext":"AgIC"})";

std::string replaced(const std::string &from, const std::string &to) {
  std::string text = good;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("cosign's encrypted key is read member by member", "[cosign_key]") {
  const auto key = parse_cosign_key(as_bytes(good));
  REQUIRE(key);
  CHECK(key->n == 65'536);
  CHECK(key->r == 8);
  CHECK(key->p == 1);
  CHECK(key->salt == Bytes(3, 0));
  CHECK(key->nonce == Bytes(3, 1));
  CHECK(key->ciphertext == Bytes(3, 2));
}

TEST_CASE("what is no key of cosign's is refused", "[cosign_key]") {
  struct Row {
    const char *why;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {"empty", ""},
      {"no JSON", "-"},
      {"an array", "[]"},
      {"nothing", "{}"},
      {"another function", replaced("scrypt", "pbkdf2")},
      {"another cipher", replaced("nacl/secretbox", "aes-gcm")},
      {"no cost", replaced(R"("N":65536,)", "")},
      {"a cost in a string", replaced("65536", "\"65536\"")},
      {"a negative cost", replaced("65536", "-65536")},
      {"a cost with a fraction", replaced("65536", "65536.0")},
      {"a cost over 64 bits", replaced("65536", "18446744073709551616")},
      {"no salt", replaced(R"(,"salt":"AAAA")", "")},
      {"a salt that is not base64", replaced("AAAA", "AAA*")},
      {"a nonce that is not base64", replaced("AQEB", "AQE")},
      {"a ciphertext with a line break", replaced("AgIC", "AgIC\\n")},
      {"a ciphertext of null", replaced("\"AgIC\"", "null")},
      {"the cost twice", replaced("\"N\":65536", "\"N\":65536,\"N\":2")},
      {"another member", replaced("{\"kdf\"", "{\"x\":1,\"kdf\"")},
      {"another parameter", replaced("\"p\":1", "\"p\":1,\"q\":1")},
      {"another member of kdf", replaced("\"salt\"", "\"x\":1,\"salt\"")},
      {"another member of cipher", replaced("\"nonce\"", "\"x\":1,\"nonce\"")},
      {"something after it", good + "x"},
  }));
  CAPTURE(row.why, row.text);
  const auto key = parse_cosign_key(as_bytes(row.text));
  REQUIRE_FALSE(key);
  CHECK(key.error().code == Code::format_key);
}

TEST_CASE("cosign's types of PEM are known, and no others", "[cosign_key]") {
  CHECK(is_cosign_key_type("ENCRYPTED SIGSTORE PRIVATE KEY"));
  CHECK(is_cosign_key_type("ENCRYPTED COSIGN PRIVATE KEY"));
  CHECK_FALSE(is_cosign_key_type("ENCRYPTED PRIVATE KEY"));
  CHECK_FALSE(is_cosign_key_type("encrypted cosign private key"));
}

}  // namespace touchstone::formats
