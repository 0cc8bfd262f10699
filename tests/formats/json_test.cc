#include "formats/json.h"

#include <catch2/catch.hpp>
#include <ctime>

#include "base/limits.h"
#include "formats/json_fields.h"
#include "formats/shown_json.h"

namespace touchstone::formats {
namespace {

constexpr std::uint64_t cap = 4 << 20;

Code refusal(std::string_view text) {
  const auto value = parse_json(as_bytes(text), cap);
  REQUIRE_FALSE(value);
  return value.error().code;
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::string values(std::size_t count) {  // an array of that many values, itself included
  std::string text = "[";
  for (std::size_t i = 1; i < count; ++i) text += i == 1 ? "1" : ",1";
  return text + "]";
}

}  // namespace

TEST_CASE("JSON outside RFC 8259 and I-JSON is refused",
          "[json][JSON-01][JSON-04][JSON-05][JSON-06][JSON-07][JSON-08]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {"empty", ""},
      {"blanks", "  \n"},
      {"two documents", "{}{}"},
      {"trailing text", "{} x"},
      {"a member twice", R"({"a":1,"a":2})"},
      {"a member twice by an escape", R"({"a":1,"\u0061":2})"},
      {"a member twice, deeper", R"({"x":[{"a":1,"b":2,"a":3}]})"},
      {"a byte order mark", "\xEF\xBB\xBF{}"},
      {"a raw NUL", std::string("{}\0", 3)},
      {"an escaped NUL", R"({"a":"x\u0000y"})"},
      {"an escaped NUL in a name", R"({"x\u0000y":1})"},
      {"invalid UTF-8", "\"\xff\""},
      {"overlong UTF-8", "\"\xc0\xaf\""},
      {"a lone surrogate", R"("\ud800")"},
      {"a control byte", "\"a\nb\""},
      {"NaN", "NaN"},
      {"Infinity", "Infinity"},
      {"a plus sign", "+1"},
      {"a leading point", ".5"},
      {"hex", "0x10"},
      {"a leading zero", "01"},
      {"minus zero", "-0"},
      {"2^64", "18446744073709551616"},
      {"below -2^63", "-9223372036854775809"},
      {"out of range", "1e999"},
      {"a comment", "{} // x"},
      {"a trailing comma", "[1,]"},
      {"single quotes", "{'a':1}"},
      {"a cut document", R"({"a":)"},
  }));
  CAPTURE(row.why, row.text);
  CHECK(refusal(row.text) == Code::format_json);
}

TEST_CASE("limits of JSON hold at their edges", "[json][JSON-03][JSON-09]") {
  CHECK(parse_json(as_bytes(nested(limits::max_json_depth)), cap));
  CHECK(refusal(nested(limits::max_json_depth + 1)) == Code::limit_depth);
  CHECK(refusal(std::string(200'000, '[')) == Code::limit_depth);
  CHECK(parse_json(as_bytes(values(limits::max_json_values)), cap));
  CHECK(refusal(values(limits::max_json_values + 1)) == Code::limit_count);
  std::string containers = "[[]";
  for (std::size_t i = 2; i < limits::max_json_values; ++i) containers += ",[]";
  CHECK(parse_json(as_bytes(containers + "]"), cap));
  CHECK(refusal(containers + ",[1]]") == Code::limit_count);
  CHECK(parse_json(as_bytes("[1]"), 3));
  CHECK(parse_json(as_bytes("[1] "), 3).error().code == Code::limit_size);
}

TEST_CASE("what is read and written is the same value", "[json]") {
  for (const char* text :
       {"null", "true", "18446744073709551615", "-9223372036854775808", "1.5", "2.0", "-0.0",
        "1e+22", R"("a\"\\\n\tb")", R"({"b":[1,{"a":null}],"a":"é"})", "[]", "{}"}) {
    const auto value = parse_json(as_bytes(text), cap);
    REQUIRE(value);
    CHECK(to_text(*value) == text);
  }
}

TEST_CASE("a member that is set again is replaced", "[json]") {
  Json json;
  json.set("a", Json(std::uint64_t{1}));
  json.set("b", Json("x"));
  json.set("a", Json("y"));
  CHECK(to_text(json) == R"({"a":"y","b":"x"})");
  CHECK(Json("a").find("a") == nullptr);
}

TEST_CASE("huge numbers, strings, names and objects take linear time", "[json][JSON-09]") {
  const std::size_t size = 1 << 20;
  std::string members = "{";
  for (int i = 0; i < 300'000; ++i) members += "\"" + std::to_string(i) + "\":1,";
  const std::clock_t begun = std::clock();  // processor time
  CHECK(refusal(std::string(size, '9')) == Code::format_json);
  CHECK(parse_json(as_bytes("1." + std::string(size, '9')), cap));
  CHECK(refusal("1e" + std::string(size, '9')) == Code::format_json);
  CHECK(parse_json(as_bytes("\"" + std::string(size, 'x') + "\""), cap));
  CHECK(parse_json(as_bytes("{\"" + std::string(size, 'x') + "\":1}"), cap));
  CHECK(refusal(members.substr(0, members.size() - 1) + "}") == Code::limit_count);
  CHECK(std::clock() - begun < 10 * CLOCKS_PER_SEC);
}

TEST_CASE("names are compared byte for byte, and none is special", "[json][JSON-02][JSON-11]") {
  const auto document =
      parse_json(as_bytes(R"({"Digest":1,"__proto__":{"admin":true},"constructor":2,"":3})"), cap);
  const auto fields = Fields::of(*document);
  REQUIRE(fields);
  CHECK_FALSE(fields->has("digest"));
  CHECK_FALSE(fields->has("admin"));
  CHECK(*fields->unsigned_integer("Digest") == 1);
  CHECK(*fields->unsigned_integer("constructor") == 2);
  CHECK(*fields->unsigned_integer("") == 3);
  CHECK(fields->only({"digest", "__proto__", "constructor", ""}).error().code == Code::format_json);
}

TEST_CASE("what is shown moves no cursor, and reads back the same", "[json][LOC-08]") {
  struct Row {
    const char* why;
    std::string text;
    std::string written;
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {"terminal codes", "\x1B[2J", R"("\u001b[2J")"},
      {"the same in one character",
       "\xC2\x9B"
       "2J",
       R"("\u009b2J")"},
      {"delete", "\x7F", R"("\u007f")"},
      {"right to left", "\xE2\x80\xAE", R"("\u202e")"},
      {"a tag past U+FFFF", "\xF3\xA0\x80\x81", R"("\udb40\udc01")"},
      {"a job's command", "##[stop-commands]", R"("\u0023#[stop-commands]")"},
      {"letters and a smile", "\xC3\xA9\xF0\x9F\x98\x80", "\"\xC3\xA9\xF0\x9F\x98\x80\""},
  }));
  CAPTURE(row.why);
  Json value(row.text);
  CHECK(to_shown_text(value) == row.written);
  const auto read = parse_json(as_bytes(row.written), cap);
  REQUIRE(read);
  CHECK(*read->string() == row.text);
  Json named;
  named.set(row.text, value);
  CHECK(to_shown_text(named) == "{" + row.written + ":" + row.written + "}");
}

TEST_CASE("typed getters check kind and range, and name the path", "[json][JSON-05][JSON-10]") {
  const auto document = parse_json(
      as_bytes(R"({"s":"x","n":7,"neg":-1,"f":1.5,"t":true,"null":null,"o":{"s":1},"l":[{},1]})"),
      cap);
  const auto fields = Fields::of(*document);
  REQUIRE(fields);
  CHECK(*fields->string("s") == "x");
  CHECK(*fields->unsigned_integer("n") == 7);
  CHECK(*fields->string_or("absent", "else") == "else");
  CHECK(*fields->string_or("null", "else") == "else");
  for (const char* name : {"n", "t", "o", "l", "null", "absent"}) {
    CHECK(fields->string(name).error().code == Code::format_json);
  }
  for (const char* name : {"s", "neg", "f", "t", "null", "absent"}) {
    CHECK(fields->unsigned_integer(name).error().code == Code::format_json);
  }
  CHECK_FALSE(fields->string_or("n", ""));
  CHECK_FALSE(fields->object("s"));
  CHECK_FALSE(fields->array("o"));
  CHECK_FALSE(fields->string_map_or_empty("o"));
  CHECK_FALSE(fields->only({"s", "n"}));
  CHECK(fields->objects_or_empty("l", 1).error().code == Code::limit_count);
  CHECK(fields->objects_or_empty("l", 2).error().message.starts_with("l[1]"));
  CHECK_FALSE(Fields::of(Json()));
}

}  // namespace touchstone::formats
