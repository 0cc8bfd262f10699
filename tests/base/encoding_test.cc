#include "base/encoding.h"

#include <catch2/catch.hpp>
#include <string>

namespace touchstone {
namespace {

using namespace std::string_literals;

TEST_CASE("hex_value takes the digits of lower-case hex", "[encoding]") {
  CHECK(hex_value('0') == 0);
  CHECK(hex_value('9') == 9);
  CHECK(hex_value('f') == 15);
  for (const char c : {'A', 'g', '/', ':', '\0', '\x10'}) CHECK_FALSE(hex_value(c));
}

TEST_CASE("Base64 of RFC 4648 section 10 both ways", "[encoding]") {
  struct Row {
    std::string plain;
    std::string encoded;
  };
  const auto row = GENERATE(values<Row>({
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xfb\xff\xbf", "+/+/"},
  }));

  CHECK(to_base64(as_bytes(row.plain)) == row.encoded);
  CHECK(from_base64(row.encoded) == to_bytes(row.plain));
  CHECK(from_base64(row.encoded, Base64::either) == to_bytes(row.plain));
}

TEST_CASE("Bundles may use either alphabet, padded or not", "[encoding][SIG-29]") {
  struct Row {
    std::string text;
    std::string plain;
  };
  const auto row = GENERATE(values<Row>({
      {"-_-_", "\xfb\xff\xbf"},
      {"Zg", "f"},
      {"Zm8", "fo"},
      {"-_8=", "\xfb\xff"},
      {"-_8", "\xfb\xff"},
      {"+/8", "\xfb\xff"},
  }));
  CAPTURE(row.text);

  CHECK(from_base64(row.text, Base64::either) == to_bytes(row.plain));
  if (row.text != "Zm8=") CHECK_FALSE(from_base64(row.text, Base64::standard));
}

TEST_CASE("Lax base64 is refused in every mode", "[encoding][SIG-29]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {"line break inside", "Zm9v\nYmFy"},
      {"CRLF inside", "Zm9v\r\nYmFy"},
      {"line break at the end", "Zm9vYmFy\n"},
      {"blank", "Zm9v YmFy"},
      {"leading blank", " Zm9v"},
      {"both alphabets", "+_+_"},
      {"both alphabets, far apart", "AAA+AAAAAAA-"},
      {"one padding of two", "Zg="},
      {"three paddings", "Z==="},
      {"padding alone", "===="},
      {"one padding sign", "="},
      {"two padding signs", "=="},
      {"padding where none is due", "Zm9v="},
      {"four paddings where none is due", "Zm9v===="},
      {"padding inside", "Zg==Zg=="},
      {"data after padding", "Zg=A"},
      {"trailing bits, one byte", "Zh=="},
      {"trailing bits, two bytes", "Zm9="},
      {"trailing bits, all", "Z/=="},
      {"lone character", "Z"},
      {"lone character of zero bits", "A"},
      {"lone character of zero bits at the end", "Zm9vA"},
      {"lone character at the end", "Zm9vY"},
      {"NUL", "Zm9\0"s},
      {"byte above 127", "Zm9\xff"},
      {"other character", "Zm9*"},
      {"PEM", "-----BEGIN"},
  }));
  CAPTURE(row.why, row.text);

  CHECK_FALSE(from_base64(row.text, Base64::standard));
  CHECK_FALSE(from_base64(row.text, Base64::either));
}

TEST_CASE("Trailing bits are refused without padding too", "[encoding][SIG-29]") {
  CHECK_FALSE(from_base64("Zh", Base64::either));
  CHECK_FALSE(from_base64("Zm9", Base64::either));
}

TEST_CASE("What to_base64 and to_hex write, they read", "[encoding]") {
  Bytes bytes;
  for (int i = 0; i < 300; ++i) {
    CHECK(from_base64(to_base64(bytes)) == bytes);
    CHECK(from_hex(to_hex(bytes)) == bytes);
    bytes.push_back(static_cast<std::uint8_t>(i * 37));
  }
}

TEST_CASE("from_hex takes lower-case pairs only", "[encoding]") {
  CHECK(from_hex("") == Bytes{});
  CHECK(from_hex("00ff1a") == Bytes{0x00, 0xff, 0x1a});
  const auto text = GENERATE("0"s, "000"s, "0F"s, "F0"s, "0g"s, "0x"s, " 0"s, "0\n"s, "\0\0"s,
                             "0\xff"s, "+1"s, "-1"s);
  CAPTURE(text);
  CHECK_FALSE(from_hex(text));
}

}  // namespace
}  // namespace touchstone
