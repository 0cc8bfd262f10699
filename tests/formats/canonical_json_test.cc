#include "formats/canonical_json.h"

#include <catch2/catch.hpp>

namespace touchstone::formats {
namespace {

std::string canonical(std::string_view text) {
  const auto value = parse_json(as_bytes(text), 1 << 20);
  REQUIRE(value);
  const auto made = canonical_json(*value);
  return made ? *made : std::string(slug(made.error().code));
}

}  // namespace

TEST_CASE("JSON has one canonical spelling", "[canonical-json]") {
  struct Row {
    const char* text;
    const char* canonical;
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {R"({ "b": [1, -2, true, null], "a": {"d": "x", "c": {}} })",
       R"({"a":{"c":{},"d":"x"},"b":[1,-2,true,null]})"},
      // RFC 8785, section 3.2.2.2.
      {R"("\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/")",
       "\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\""},
      {R"("\b\f\r\t\u000b\u007f")", "\"\\b\\f\\r\\t\\u000b\x7f\""},
      // RFC 8785, section 3.2.3: by UTF-16 units, so that U+1F600 comes before U+FB33.
      {R"({"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7})",
       "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"\u00f6\":7,\"\u20ac\":1,\"\U0001F600\":5,\"\uFB33\":3}"},
      {R"({"\ue000":1,"\ud7ff":2,"\ud83d\ude00":3})",
       "{\"\uD7FF\":2,\"\U0001F600\":3,\"\uE000\":1}"},
      {"9007199254740991", "9007199254740991"},
      {"9007199254740992", "format.json"},
      {"-9007199254740992", "format.json"},
      {"[1.5]", "format.json"},
  }));
  CAPTURE(row.text);
  CHECK(canonical(row.text) == row.canonical);
}

}  // namespace touchstone::formats
