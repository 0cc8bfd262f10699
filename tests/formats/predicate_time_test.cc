// Times in predicates: any offset, and nothing that is no time.
#include "formats/predicate_time.h"

#include <catch2/catch.hpp>

namespace touchstone::formats {

TEST_CASE("a time with an offset is the time in UTC", "[predicate-time]") {
  struct Row {
    std::string text;
    std::string utc;
  };
  const auto row = GENERATE(values<Row>({
      {"2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"},
      {"2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05Z"},
      {"2026-01-02T03:04:05.25+01:30", "2026-01-02T01:34:05.25Z"},
      {"2025-12-31T23:00:00-02:00", "2026-01-01T01:00:00Z"},
      {"2026-01-02T03:04:05-23:59", "2026-01-03T03:03:05Z"},
  }));
  CAPTURE(row.text);
  REQUIRE(parse_rfc3339_instant(row.utc));
  CHECK(parse_any_offset(row.text) == parse_rfc3339_instant(row.utc));
}

TEST_CASE("what is no time is refused", "[predicate-time]") {
  const auto text = GENERATE(
      as<std::string>(), "", "Z", "+01:00", "2026-01-02", "2026-01-02T03:04:05",
      "2026-01-02T03:04:05z", "2026-01-02T03:04:05+24:00", "2026-01-02T03:04:05+01:60",
      "2026-01-02T03:04:05+0100", "2026-01-02T03:04:05+1:000", "2026-01-02T03:04:05*01:00",
      "2026-01-02T03:04:05+01-00", "2026-01-02T03:04:05+0a:00", "2026-01-02T03:04:05+1/:00",
      "2026-01-02T03:04:05+0::00", "2026-01-02T03:04:05+:1:00", "2026-02-30T03:04:05+01:00",
      "2026-01-02 03:04:05+01:00", "2026-01-02T03:04:05Z+01:00");
  CAPTURE(text);
  CHECK_FALSE(parse_any_offset(text));
}

TEST_CASE("a member with a time may be absent, and is nothing but a time", "[predicate-time]") {
  struct Row {
    std::string text;
    std::optional<bool> present;  // absent: refused
  };
  const auto row = GENERATE(values<Row>({
      {R"({"t":"2026-01-02T03:04:05.9Z"})", true},
      {R"({})", false},
      {R"({"t":null})", false},
      {R"({"t":"0001-01-01T00:00:00Z"})", false},
      {R"({"t":""})", std::nullopt},
      {R"({"t":"today"})", std::nullopt},
      {R"({"t":1})", std::nullopt},
  }));
  CAPTURE(row.text);
  const auto json = parse_json(as_bytes(row.text), 1000);
  REQUIRE(json);
  const auto fields = Fields::of(*json);
  REQUIRE(fields);
  const auto time = optional_time(*fields, "t");
  REQUIRE(bool(time) == row.present.has_value());
  if (!time) {
    CHECK(time.error().code == Code::format_json);
  } else if (*row.present) {
    CHECK(*time == parse_rfc3339("2026-01-02T03:04:05Z"));
  } else {
    CHECK_FALSE(time->has_value());
  }
}

}  // namespace touchstone::formats
