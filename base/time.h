// Times as text.
//
// Spec: RFC 3339, the subset with one spelling for each time: "2026-01-31T23:59:59Z", always UTC
// with a capital T and Z, years 1970 to 9999.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace touchstone {

// A fraction of 1 to 9 digits is taken and cut off. Refused: other offsets (also "+00:00"), lower
// case, blanks, days and hours that do not exist, leap seconds.
std::optional<std::chrono::sys_seconds> parse_rfc3339(std::string_view text);

// A time with its fraction of a second, for windows that end at 59.999.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;

// As parse_rfc3339(), with the fraction; what lies below a microsecond is cut off.
std::optional<Instant> parse_rfc3339_instant(std::string_view text);

// The text that parse_rfc3339() accepts. Years outside 1970 to 9999 are shown as the nearest time
// inside.
std::string to_rfc3339(std::chrono::sys_seconds time);

// HTTP's Date, RFC 9110 section 5.6.7: IMF-fixdate alone, "Sun, 06 Nov 1994 08:49:37 GMT", years
// 1970 to 9999. Refused: the two obsolete forms, other spellings, a day of the week that is not the
// date's, leap seconds.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

// "20260131T235959Z", ISO 8601's basic form: for file names.
std::string to_compact_utc(std::chrono::sys_seconds time);

}  // namespace touchstone
