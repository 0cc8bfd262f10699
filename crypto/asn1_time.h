// Times as certificates and timestamps write them.
//
// Spec: RFC 5280 section 4.1.2.5: always UTC with a capital Z, always with seconds. Refused: other
// offsets, fractions, days and hours that do not exist, leap seconds.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace touchstone::crypto {

// "YYMMDDHHMMSSZ", years 1950 to 2049.
std::optional<std::chrono::sys_seconds> parse_utc_time(std::string_view text);

// "YYYYMMDDHHMMSSZ".
std::optional<std::chrono::sys_seconds> parse_generalized_time(std::string_view text);

}  // namespace touchstone::crypto
