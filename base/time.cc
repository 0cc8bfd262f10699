#include "base/time.h"

#include <algorithm>
#include <cstdint>

namespace touchstone {
namespace {

using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year;

constexpr sys_seconds earliest{};
constexpr sys_seconds latest =
    sys_days(year(10000) / std::chrono::January / 1) - std::chrono::seconds(1);

// Takes `width` digits off the front; -1 when they are not there.
int take_number(std::string_view& text, std::size_t width) {
  if (text.size() < width) return -1;
  int value = 0;
  for (const char c : text.substr(0, width)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool take_char(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_fraction(std::string_view& text) {
  if (!take_char(text, '.')) return true;
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(digits);
  return digits >= 1 && digits <= 9;
}

void append_number(std::string& out, unsigned value, std::size_t width) {
  const std::string digits = std::to_string(value);
  out.append(width - std::min(width, digits.size()), '0');
  out += digits;
}

std::string format(sys_seconds time, std::string_view date_separator,
                   std::string_view time_separator) {
  time = std::clamp(time, earliest, latest);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string out;
  append_number(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += date_separator;
  append_number(out, static_cast<unsigned>(date.month()), 2);
  out += date_separator;
  append_number(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_number(out, static_cast<unsigned>(clock.hours().count()), 2);
  out += time_separator;
  append_number(out, static_cast<unsigned>(clock.minutes().count()), 2);
  out += time_separator;
  append_number(out, static_cast<unsigned>(clock.seconds().count()), 2);
  out += 'Z';
  return out;
}

}  // namespace

std::optional<sys_seconds> parse_rfc3339(std::string_view text) {
  const int y = take_number(text, 4);
  if (y < 1970 || !take_char(text, '-')) return std::nullopt;
  const int m = take_number(text, 2);
  if (m < 1 || !take_char(text, '-')) return std::nullopt;
  const int d = take_number(text, 2);
  if (d < 1 || !take_char(text, 'T')) return std::nullopt;
  const int hours = take_number(text, 2);
  if (hours < 0 || hours > 23 || !take_char(text, ':')) return std::nullopt;
  const int minutes = take_number(text, 2);
  if (minutes < 0 || minutes > 59 || !take_char(text, ':')) return std::nullopt;
  const int seconds = take_number(text, 2);
  if (seconds < 0 || seconds > 59) return std::nullopt;
  if (!take_fraction(text) || text != "Z") return std::nullopt;
  const std::chrono::year_month_day date = year(y) / std::chrono::month(static_cast<unsigned>(m)) /
                                           std::chrono::day(static_cast<unsigned>(d));
  if (!date.ok()) return std::nullopt;
  return sys_days(date) + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
         std::chrono::seconds(seconds);
}

std::string to_rfc3339(sys_seconds time) { return format(time, "-", ":"); }

std::string to_compact_utc(sys_seconds time) { return format(time, "", ""); }

}  // namespace touchstone
