#include "base/time.h"

#include <catch2/catch.hpp>
#include <string>

namespace touchstone {
namespace {

using namespace std::string_literals;
using std::chrono::seconds;
using std::chrono::sys_seconds;

TEST_CASE("parse_rfc3339 reads UTC times", "[time]") {
  struct Row {
    std::string text;
    std::int64_t since_1970;
  };
  const auto row = GENERATE(values<Row>({
      {"1970-01-01T00:00:00Z", 0},
      {"2026-01-31T00:00:00Z", 1769817600},
      {"2026-01-31T23:59:59Z", 1769903999},
      {"2000-02-29T12:30:15Z", 951827415},
      {"2024-02-29T00:00:00Z", 1709164800},
      {"2038-01-19T03:14:08Z", 2147483648},
      {"9999-12-31T23:59:59Z", 253402300799},
      {"1970-01-01T00:00:01.0Z", 1},
      {"1970-01-01T00:00:01.999999999Z", 1},
  }));
  CAPTURE(row.text);

  const auto time = parse_rfc3339(row.text);

  REQUIRE(time);
  CHECK(time->time_since_epoch() == seconds(row.since_1970));
  if (!row.text.contains('.')) CHECK(to_rfc3339(*time) == row.text);
}

TEST_CASE("parse_rfc3339 refuses every other spelling", "[time]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {"empty", ""},
      {"date alone", "2026-01-31"},
      {"no zone", "2026-01-31T00:00:00"},
      {"offset", "2026-01-31T00:00:00+01:00"},
      {"offset of zero", "2026-01-31T00:00:00+00:00"},
      {"negative offset of zero", "2026-01-31T00:00:00-00:00"},
      {"lower-case z", "2026-01-31T00:00:00z"},
      {"lower-case t", "2026-01-31t00:00:00Z"},
      {"blank for T", "2026-01-31 00:00:00Z"},
      {"no seconds", "2026-01-31T00:00Z"},
      {"basic form", "20260131T000000Z"},
      {"month 0", "2026-00-31T00:00:00Z"},
      {"month 13", "2026-13-01T00:00:00Z"},
      {"day 0", "2026-01-00T00:00:00Z"},
      {"day 32", "2026-01-32T00:00:00Z"},
      {"30 February", "2026-02-30T00:00:00Z"},
      {"29 February of no leap year", "2026-02-29T00:00:00Z"},
      {"29 February 2100", "2100-02-29T00:00:00Z"},
      {"31 April", "2026-04-31T00:00:00Z"},
      {"hour 24", "2026-01-31T24:00:00Z"},
      {"minute 60", "2026-01-31T00:60:00Z"},
      {"leap second", "2016-12-31T23:59:60Z"},
      {"before 1970", "1969-12-31T23:59:59Z"},
      {"year 0", "0000-01-01T00:00:00Z"},
      {"year of five digits", "10000-01-01T00:00:00Z"},
      {"year of three digits", "999-01-01T00:00:00Z"},
      {"negative year", "-2026-01-31T00:00:00Z"},
      {"sign in a number", "2026-01-31T00:00:+1Z"},
      {"blank in a number", "2026-01-31T00:00: 1Z"},
      {"one digit", "2026-1-31T00:00:00Z"},
      {"empty fraction", "2026-01-31T00:00:00.Z"},
      {"comma", "2026-01-31T00:00:00,5Z"},
      {"fraction of 10 digits", "2026-01-31T00:00:00.0000000000Z"},
      {"two fractions", "2026-01-31T00:00:00.1.2Z"},
      {"fraction without Z", "2026-01-31T00:00:00.1"},
      {"trailing line break", "2026-01-31T00:00:00Z\n"},
      {"leading blank", " 2026-01-31T00:00:00Z"},
      {"NUL at the end", "2026-01-31T00:00:00Z\0"s},
      {"digits of another alphabet",
       "\xd9\xa2"
       "026-01-31T00:00:00Z"},
  }));
  CAPTURE(row.why, row.text);

  CHECK_FALSE(parse_rfc3339(row.text));
}

TEST_CASE("to_rfc3339 prints each day so that it reads back", "[time]") {
  for (std::int64_t day = 0; day < 2'932'896; day += 997) {
    const sys_seconds time{seconds(day * 86400 + day % 86400)};
    REQUIRE(parse_rfc3339(to_rfc3339(time)) == time);
  }
}

TEST_CASE("to_rfc3339 stays within the years it can print", "[time]") {
  CHECK(to_rfc3339(sys_seconds{seconds(-1)}) == "1970-01-01T00:00:00Z");
  CHECK(to_rfc3339(sys_seconds::max()) == "9999-12-31T23:59:59Z");
  CHECK(to_rfc3339(sys_seconds::min()) == "1970-01-01T00:00:00Z");
}

TEST_CASE("parse_http_date reads the fixed form of HTTP", "[time]") {
  struct Row {
    std::string text;
    const char* rfc3339;
  };
  const auto row = GENERATE(values<Row>({
      {"Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"},
      {"Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z"},
      {"Tue, 29 Feb 2000 12:30:15 GMT", "2000-02-29T12:30:15Z"},
      {"Mon, 02 Mar 2026 00:00:59 GMT", "2026-03-02T00:00:59Z"},
      {"Wed, 01 Apr 2026 23:59:59 GMT", "2026-04-01T23:59:59Z"},
      {"Sat, 31 Jan 2026 00:00:00 GMT", "2026-01-31T00:00:00Z"},
      {"Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59Z"},
  }));
  CAPTURE(row.text);

  const auto time = parse_http_date(row.text);

  REQUIRE(time);
  CHECK(to_rfc3339(*time) == row.rfc3339);
}

TEST_CASE("parse_http_date refuses every other spelling", "[time]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {"empty", ""},
      {"RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT"},
      {"asctime", "Sun Nov  6 08:49:37 1994"},
      {"RFC 3339", "1994-11-06T08:49:37Z"},
      {"no day of the week", "06 Nov 1994 08:49:37 GMT"},
      {"the wrong day of the week", "Mon, 06 Nov 1994 08:49:37 GMT"},
      {"a long day of the week", "Sunday, 06 Nov 1994 08:49:37 GMT"},
      {"lower-case day", "sun, 06 Nov 1994 08:49:37 GMT"},
      {"no comma", "Sun 06 Nov 1994 08:49:37 GMT"},
      {"no blank after the comma", "Sun,06 Nov 1994 08:49:37 GMT"},
      {"day of one digit", "Sun, 6 Nov 1994 08:49:37 GMT"},
      {"day padded with a blank", "Sun,  6 Nov 1994 08:49:37 GMT"},
      {"day 0", "Mon, 00 Nov 1994 08:49:37 GMT"},
      {"31 November", "Thu, 31 Nov 1994 08:49:37 GMT"},
      {"29 February of no leap year", "Sun, 29 Feb 2026 08:49:37 GMT"},
      {"dashes", "Sun, 06-Nov-1994 08:49:37 GMT"},
      {"unknown month", "Sun, 06 Nuv 1994 08:49:37 GMT"},
      {"lower-case month", "Sun, 06 nov 1994 08:49:37 GMT"},
      {"month as a number", "Sun, 06 11 1994 08:49:37 GMT"},
      {"year of two digits", "Sun, 06 Nov 94 08:49:37 GMT"},
      {"before 1970", "Wed, 31 Dec 1969 23:59:59 GMT"},
      {"hour 24", "Sun, 06 Nov 1994 24:00:00 GMT"},
      {"minute 60", "Sun, 06 Nov 1994 08:60:00 GMT"},
      {"leap second", "Sat, 31 Dec 2016 23:59:60 GMT"},
      {"no seconds", "Sun, 06 Nov 1994 08:49 GMT"},
      {"fraction", "Sun, 06 Nov 1994 08:49:37.5 GMT"},
      {"UTC", "Sun, 06 Nov 1994 08:49:37 UTC"},
      {"offset", "Sun, 06 Nov 1994 08:49:37 +0000"},
      {"lower-case zone", "Sun, 06 Nov 1994 08:49:37 gmt"},
      {"no zone", "Sun, 06 Nov 1994 08:49:37"},
      {"something after it", "Sun, 06 Nov 1994 08:49:37 GMT "},
      {"something before it", " Sun, 06 Nov 1994 08:49:37 GMT"},
      {"NUL at the end", "Sun, 06 Nov 1994 08:49:37 GMT\0"s},
      {"sign in a number", "Sun, 06 Nov 1994 08:49:+7 GMT"},
  }));
  CAPTURE(row.why, row.text);

  CHECK_FALSE(parse_http_date(row.text));
}

TEST_CASE("to_compact_utc fits in a file name", "[time]") {
  CHECK(to_compact_utc(*parse_rfc3339("2026-01-31T23:59:09Z")) == "20260131T235909Z");
}

}  // namespace
}  // namespace touchstone
