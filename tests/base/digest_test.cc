#include "base/digest.h"

#include <catch2/catch.hpp>
#include <string>

namespace touchstone {
namespace {

using namespace std::string_literals;

const std::string hex63(63, '1');

TEST_CASE("Digest::parse refuses everything but canonical sha256 and sha512",
          "[digest][REG-04][REG-05]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"empty", ""},
      {"no algorithm", hex63 + "a"},
      {"empty algorithm", ":" + hex63 + "a"},
      {"algorithm alone", "sha256:"},
      {"algorithm without colon", "sha256"},
      {"weak algorithm md5", "md5:" + std::string(32, 'a')},
      {"weak algorithm sha1", "sha1:" + std::string(40, 'a')},
      {"unregistered sha384", "sha384:" + std::string(96, 'a')},
      {"unknown algorithm", "sha999:" + hex63 + "a"},
      {"upper-case algorithm", "SHA256:" + hex63 + "a"},
      {"blank before", " sha256:" + hex63 + "a"},
      {"one digit short", "sha256:" + hex63},
      {"one digit long", "sha256:" + hex63 + "ab"},
      {"upper-case hex", "sha256:" + hex63 + "A"},
      {"no hex", "sha256:" + hex63 + "g"},
      {"trailing newline", "sha256:" + hex63 + "a\n"},
      {"newline in place of a digit", "sha256:" + hex63 + "\n"},
      {"embedded NUL", "sha256:" + hex63 + "\0"s},
      {"path", "sha256:../../x"},
      {"path of the right length", "sha256:" + std::string(61, '1') + "../"},
      {"0x in front", "sha256:0x" + std::string(62, '1')},
      {"sha512 with the length of sha256", "sha512:" + hex63 + "a"},
      {"sha256 with the length of sha512", "sha256:" + std::string(128, 'a')},
      {"upper-case hex in sha512", "sha512:" + std::string(127, 'a') + "F"},
      {"two algorithms", "sha256:sha256:" + hex63 + "a"},
  }));
  CAPTURE(row.why, row.text);

  const auto digest = Digest::parse(row.text);

  REQUIRE_FALSE(digest);
  CHECK(digest.error().code == Code::digest_malformed);
}

TEST_CASE("Digest::parse reads back what to_string prints", "[digest]") {
  const auto text =
      GENERATE("sha256:" + std::string(62, '0') + "9f", "sha512:" + std::string(128, 'e'));

  const auto digest = Digest::parse(text);

  REQUIRE(digest);
  CHECK(digest->to_string() == text);
  CHECK(digest->hex() == text.substr(7));
  CHECK(digest->algorithm_name() == text.substr(0, 6));
  CHECK(digest->hash().size() == (text.starts_with("sha256") ? 32 : 64));
}

TEST_CASE("Digest::from_hash takes 32 and 64 bytes only", "[digest]") {
  const auto size = GENERATE(std::size_t{0}, std::size_t{20}, std::size_t{31}, std::size_t{33},
                             std::size_t{48}, std::size_t{63}, std::size_t{65});
  const auto digest = Digest::from_hash(Bytes(size));
  REQUIRE_FALSE(digest);
  CHECK(digest.error().code == Code::digest_malformed);
  CHECK(Digest::from_hash(Bytes(32)));
  CHECK(Digest::from_hash(Bytes(64)));
}

TEST_CASE("Digests are equal when algorithm and hash are", "[digest]") {
  const auto zero256 = Digest::from_hash(Bytes(32));
  const auto zero512 = Digest::from_hash(Bytes(64));
  Bytes last_differs(32);
  last_differs.back() = 1;
  const auto other = Digest::from_hash(last_differs);

  CHECK(*zero256 == *Digest::parse("sha256:" + std::string(64, '0')));
  CHECK(*zero256 != *zero512);
  CHECK(*zero256 != *other);
  CHECK(*zero256 < *other);
}

}  // namespace
}  // namespace touchstone
