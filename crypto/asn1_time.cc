#include "crypto/asn1_time.h"

#include <algorithm>

namespace touchstone::crypto {
namespace {

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

int take(std::string_view& digits, std::size_t count) {
  int value = 0;
  for (const char c : digits.substr(0, count)) value = 10 * value + (c - '0');
  digits.remove_prefix(count);
  return value;
}

// `rest` is "MMDDHHMMSS" in digits.
std::optional<std::chrono::sys_seconds> in_year(int year, std::string_view rest) {
  const auto month = static_cast<unsigned>(take(rest, 2));
  const auto day = static_cast<unsigned>(take(rest, 2));
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  const std::chrono::hours hours(take(rest, 2));
  const std::chrono::minutes minutes(take(rest, 2));
  const std::chrono::seconds seconds(take(rest, 2));
  if (!date.ok() || hours.count() > 23 || minutes.count() > 59 || seconds.count() > 59) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + hours + minutes + seconds;
}

}  // namespace

std::optional<std::chrono::sys_seconds> parse_utc_time(std::string_view text) {
  if (text.size() != 13 || text.back() != 'Z') return std::nullopt;
  text.remove_suffix(1);
  if (!all_digits(text)) return std::nullopt;
  const int year = take(text, 2);
  return in_year(year + (year < 50 ? 2000 : 1900), text);
}

std::optional<std::chrono::sys_seconds> parse_generalized_time(std::string_view text) {
  if (text.size() != 15 || text.back() != 'Z') return std::nullopt;
  text.remove_suffix(1);
  if (!all_digits(text)) return std::nullopt;
  const int year = take(text, 4);
  return in_year(year, text);
}

}  // namespace touchstone::crypto
