// Names of keys on PKCS#11 tokens.
#include "hsm/pkcs11_uri.h"

#include <catch2/catch.hpp>

namespace touchstone::hsm {

TEST_CASE("Pkcs11Uri::parse reads every attribute of RFC 7512", "[pkcs11-uri]") {
  const auto uri = Pkcs11Uri::parse(
      "pkcs11:token=The%20token;manufacturer=M;serial=0123;model=v2;slot-id=7;slot-description=D;"
      "slot-manufacturer=SM;library-manufacturer=LM;library-description=LD;library-version=2.6;"
      "object=k%3Bey+1;id=%00%ff%3b;type=private?module-path=/usr/lib/m.so&pin-source=file:/run/p");
  REQUIRE(uri);
  CHECK(uri->token == "The token");
  CHECK(uri->manufacturer == "M");
  CHECK(uri->serial == "0123");
  CHECK(uri->model == "v2");
  CHECK(uri->slot_id == 7);
  CHECK(uri->slot_description == "D");
  CHECK(uri->slot_manufacturer == "SM");
  CHECK(uri->library_manufacturer == "LM");
  CHECK(uri->library_description == "LD");
  CHECK((uri->library_version == Pkcs11Uri::LibraryVersion{2, 6}));
  CHECK(uri->object == "k;ey+1");
  CHECK(uri->id == Bytes{0x00, 0xFF, 0x3B});
  CHECK(uri->type == Pkcs11Uri::Type::private_key);
  CHECK(uri->module_path == "/usr/lib/m.so");
  CHECK(uri->pin_source == "file:/run/p");
}

TEST_CASE("Pkcs11Uri::parse takes what the grammar takes", "[pkcs11-uri]") {
  struct Row {
    const char* why;
    std::string text;
    std::string canonical;
  };
  const auto row = GENERATE(values<Row>({
      {"nothing given", "pkcs11:", "pkcs11:"},
      {"scheme in capitals", "PKCS11:token=a", "pkcs11:token=a"},
      {"an empty value", "pkcs11:token=", "pkcs11:token="},
      {"plus is plus", "pkcs11:token=a+b", "pkcs11:token=a%2Bb"},
      {"'=' and '&' within a value", "pkcs11:token=a=b&c", "pkcs11:token=a%3Db%26c"},
      {"decoded once", "pkcs11:token=%2541", "pkcs11:token=%2541"},
      {"lower-case escapes", "pkcs11:id=%0a%1f", "pkcs11:id=%0A%1F"},
      {"an id in plain characters", "pkcs11:id=ab", "pkcs11:id=%61%62"},
      {"bytes that are no text", "pkcs11:object=%ff%fe", "pkcs11:object=%FF%FE"},
      {"a vendor's attribute", "pkcs11:x-vendor=1;token=a", "pkcs11:token=a"},
      {"a vendor's attribute twice", "pkcs11:?x-a=1&x-a=2", "pkcs11:"},
      {"a version without minor number", "pkcs11:library-version=3", "pkcs11:library-version=3.0"},
      {"the query alone", "pkcs11:?module-name=softhsm2", "pkcs11:?module-name=softhsm2"},
      {"a '?' in the query", "pkcs11:?module-path=/a?b", "pkcs11:?module-path=/a%3Fb"},
      {"a path with escapes", "pkcs11:?module-path=%2Fa%20b//c", "pkcs11:?module-path=/a%20b//c"},
      {"a certificate", "pkcs11:type=cert", "pkcs11:type=cert"},
  }));
  CAPTURE(row.why, row.text);

  const auto uri = Pkcs11Uri::parse(row.text);

  REQUIRE(uri);
  CHECK(uri->to_string() == row.canonical);
  const auto again = Pkcs11Uri::parse(uri->to_string());
  REQUIRE(again);
  CHECK(again->to_string() == row.canonical);
}

TEST_CASE("Pkcs11Uri::parse refuses what is outside the grammar or unsafe", "[pkcs11-uri]") {
  struct Row {
    const char* why;
    std::string text;
    Code code = Code::usage_key_uri;
  };
  const auto row = GENERATE(values<Row>({
      {"another scheme", "pkcs12:token=a"},
      {"no scheme", "token=a"},
      {"an attribute twice", "pkcs11:token=a;token=a"},
      {"a query attribute twice", "pkcs11:?module-path=/a&module-path=/a"},
      {"an unknown attribute", "pkcs11:tokne=a"},
      {"an unknown query attribute", "pkcs11:?pin=1"},
      {"a query attribute in the path", "pkcs11:module-path=/a"},
      {"a path attribute in the query", "pkcs11:?token=a"},
      {"no '='", "pkcs11:token"},
      {"no name", "pkcs11:=a"},
      {"an empty attribute", "pkcs11:token=a;"},
      {"two separators", "pkcs11:token=a;;id=%01"},
      {"an empty query", "pkcs11:token=a?"},
      {"a blank", "pkcs11:token=a b"},
      {"a line break", "pkcs11:token=a\n"},
      {"a fragment", "pkcs11:token=a#b"},
      {"a slash in the path", "pkcs11:token=a/b"},
      {"bytes that are not ASCII", "pkcs11:token=\xC3\xA9"},
      {"an escape cut short", "pkcs11:token=a%4"},
      {"an escape that is no hex", "pkcs11:token=%zz"},
      {"a NUL in a label", "pkcs11:object=a%00b"},
      {"a NUL in a path", "pkcs11:?module-path=/a%00b"},
      {"a slot-id that is no number", "pkcs11:slot-id=0x1"},
      {"a slot-id beyond 64 bits", "pkcs11:slot-id=18446744073709551616"},
      {"a negative slot-id", "pkcs11:slot-id=-1"},
      {"a version of letters", "pkcs11:library-version=a.b"},
      {"a version of three parts", "pkcs11:library-version=1.2.3"},
      {"a version out of range", "pkcs11:library-version=256"},
      {"an unknown type", "pkcs11:type=key"},
      {"a relative module-path", "pkcs11:?module-path=m.so"},
      {"a module-name with a folder", "pkcs11:?module-name=../m"},
      {"an empty module-name", "pkcs11:?module-name="},
      {"module-name and module-path", "pkcs11:?module-name=a&module-path=/a"},
      {"a PIN from a command", "pkcs11:?pin-source=%7Ccat%20/p"},
      {"a PIN from a command, not escaped", "pkcs11:?pin-source=|cat"},
      {"an empty pin-source", "pkcs11:?pin-source="},
      {"too long", "pkcs11:token=" + std::string(5000, 'a')},
      {"a PIN", "pkcs11:?pin-value=648219", Code::usage_pin_in_arguments},
      {"a PIN in the path", "pkcs11:pin-value=648219", Code::usage_pin_in_arguments},
      {"a PIN that is malformed", "pkcs11:?pin-value=648219%", Code::usage_pin_in_arguments},
  }));
  CAPTURE(row.why);

  const auto uri = Pkcs11Uri::parse(row.text);

  REQUIRE_FALSE(uri);
  CHECK(uri.error().code == row.code);
  CHECK_FALSE(uri.error().message.contains("648219"));
}

}  // namespace touchstone::hsm
