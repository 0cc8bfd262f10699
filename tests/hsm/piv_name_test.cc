#include "hsm/piv_name.h"

#include <catch2/catch.hpp>

namespace touchstone::hsm {

TEST_CASE("PivName::parse takes each form of a name", "[piv-name]") {
  struct Row {
    std::string text;
    std::string written;
  };
  const auto row = GENERATE(values<Row>({
      {"yubikey:", "yubikey:9c"},
      {"yubikey:9a", "yubikey:9a"},
      {"yubikey:slot=95", "yubikey:95"},
      {"yubikey:serial=12345678", "yubikey:serial=12345678;slot=9c"},
      {"yubikey:slot=82;serial=4294967295", "yubikey:serial=4294967295;slot=82"},
      {"piv:", "piv:9c"},
      {"piv:reader=Yubico YubiKey OTP+FIDO+CCID 00 00;slot=9e",
       "piv:reader=Yubico YubiKey OTP+FIDO+CCID 00 00;slot=9e"},
      {"piv:reader=a%3Bb%25=c", "piv:reader=a%3bb%25=c;slot=9c"},
      {"piv:serial=7;reader=R;slot=9d", "piv:serial=7;reader=R;slot=9d"},
  }));
  CAPTURE(row.text);

  const auto name = PivName::parse(row.text);

  REQUIRE(name);
  CHECK(name->to_string() == row.written);
}

TEST_CASE("PivName::parse decodes a reader's name once", "[piv-name]") {
  const auto name = PivName::parse("piv:reader=a%253B");
  REQUIRE(name);
  CHECK(name->reader == "a%3B");
}

TEST_CASE("PivName::parse refuses everything else", "[piv-name]") {
  struct Row {
    const char* why;
    std::string text;
    Code code = Code::usage_key_uri;
  };
  const auto row = GENERATE(values<Row>({
      {"empty", ""},
      {"another scheme", "pkcs11:9c"},
      {"upper-case scheme", "YubiKey:9c"},
      {"the management key", "yubikey:9b"},
      {"the attestation key", "yubikey:f9"},
      {"past the retired slots", "yubikey:96"},
      {"before the retired slots", "yubikey:81"},
      {"upper-case slot", "yubikey:9C"},
      {"slot of one digit", "yubikey:9"},
      {"slot of three digits", "yubikey:09c"},
      {"slot with 0x", "yubikey:slot=0x9c"},
      {"empty slot", "yubikey:slot="},
      {"slot twice", "yubikey:slot=9a;slot=9a"},
      {"default slot given twice", "yubikey:slot=9c;slot=9c"},
      {"serial twice", "yubikey:serial=1;serial=1"},
      {"reader twice", "piv:reader=a;reader=a"},
      {"serial 0", "yubikey:serial=0"},
      {"leading zero", "yubikey:serial=012345678"},
      {"serial over 32 bits", "yubikey:serial=4294967296"},
      {"negative serial", "yubikey:serial=-1"},
      {"serial in hex", "yubikey:serial=0xbc614e"},
      {"empty serial", "yubikey:serial="},
      {"blank after serial", "yubikey:serial=1 "},
      {"empty reader", "piv:reader="},
      {"broken escape", "piv:reader=a%3"},
      {"escape that is no hex", "piv:reader=a%zz"},
      {"escaped NUL", "piv:reader=a%00"},
      {"control character", "piv:reader=a\nb"},
      {"byte over 127", "piv:reader=\xC3\xA4"},
      {"unknown attribute", "yubikey:serial=1;colour=red"},
      {"attribute without value", "yubikey:serial"},
      {"trailing separator", "yubikey:slot=9c;"},
      {"two separators", "yubikey:serial=1;;slot=9c"},
      {"too long", "piv:reader=" + std::string(5000, 'a')},
      {"a PIN", "yubikey:slot=9c;pin=123456", Code::usage_pin_in_arguments},
      {"a PIN by PKCS#11's name", "piv:pin-value=123456", Code::usage_pin_in_arguments},
  }));
  CAPTURE(row.why, row.text);

  const auto name = PivName::parse(row.text);

  REQUIRE_FALSE(name);
  CHECK(name.error().code == row.code);
  CHECK_FALSE(name.error().message.contains("123456"));
}

}  // namespace touchstone::hsm
