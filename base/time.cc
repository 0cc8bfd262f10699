#include "base/time.h"

#include <algorithm>
#include <array>
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

// Takes ".5" and the like, of 1 to 9 digits; nothing there is no fraction.
std::optional<std::chrono::microseconds> take_fraction(std::string_view& text) {
  if (!take_char(text, '.')) return std::chrono::microseconds(0);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits < 1 || digits > 9) return std::nullopt;
  std::int64_t value = 0;
  for (std::size_t i = 0; i < 6; ++i) value = value * 10 + (i < digits ? text[i] - '0' : 0);
  text.remove_prefix(digits);
  return std::chrono::microseconds(value);
}

// Takes one of `names` off the front: its place, or -1.
template <std::size_t count>
int take_name(std::string_view& text, const std::array<std::string_view, count>& names) {
  for (std::size_t i = 0; i < count; ++i) {
    if (!text.starts_with(names[i])) continue;
    text.remove_prefix(names[i].size());
    return static_cast<int>(i);
  }
  return -1;
}

// "23:59:59"; absent for hours, minutes and seconds that a clock does not show.
std::optional<std::chrono::seconds> take_clock(std::string_view& text) {
  const int hours = take_number(text, 2);
  if (hours < 0 || hours > 23 || !take_char(text, ':')) return std::nullopt;
  const int minutes = take_number(text, 2);
  if (minutes < 0 || minutes > 59 || !take_char(text, ':')) return std::nullopt;
  const int seconds = take_number(text, 2);
  if (seconds < 0 || seconds > 59) return std::nullopt;
  return std::chrono::hours(hours) + std::chrono::minutes(minutes) + std::chrono::seconds(seconds);
}

std::optional<std::chrono::year_month_day> existing_date(int y, int m, int d) {
  if (y < 1970 || m < 1 || d < 1) return std::nullopt;
  const std::chrono::year_month_day date = year(y) / std::chrono::month(static_cast<unsigned>(m)) /
                                           std::chrono::day(static_cast<unsigned>(d));
  return date.ok() ? std::optional(date) : std::nullopt;
}

constexpr std::array<std::string_view, 7> day_names = {"Sun", "Mon", "Tue", "Wed",
                                                       "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

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

std::optional<Instant> parse_rfc3339_instant(std::string_view text) {
  const int y = take_number(text, 4);
  if (!take_char(text, '-')) return std::nullopt;
  const int m = take_number(text, 2);
  if (!take_char(text, '-')) return std::nullopt;
  const int d = take_number(text, 2);
  if (!take_char(text, 'T')) return std::nullopt;
  const auto clock = take_clock(text);
  if (!clock) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction || text != "Z") return std::nullopt;
  const auto date = existing_date(y, m, d);
  if (!date) return std::nullopt;
  return sys_days(*date) + *clock + *fraction;
}

std::optional<sys_seconds> parse_rfc3339(std::string_view text) {
  const auto instant = parse_rfc3339_instant(text);
  if (!instant) return std::nullopt;
  return std::chrono::floor<std::chrono::seconds>(*instant);
}

std::optional<sys_seconds> parse_http_date(std::string_view text) {
  const int weekday = take_name(text, day_names);
  if (weekday < 0 || !take_char(text, ',') || !take_char(text, ' ')) return std::nullopt;
  const int d = take_number(text, 2);
  if (!take_char(text, ' ')) return std::nullopt;
  const int m = take_name(text, month_names) + 1;
  if (!take_char(text, ' ')) return std::nullopt;
  const int y = take_number(text, 4);
  if (!take_char(text, ' ')) return std::nullopt;
  const auto clock = take_clock(text);
  if (!clock || text != " GMT") return std::nullopt;
  const auto date = existing_date(y, m, d);
  if (!date) return std::nullopt;
  const std::chrono::weekday right{sys_days(*date)};
  if (right.c_encoding() != static_cast<unsigned>(weekday)) return std::nullopt;
  return sys_days(*date) + *clock;
}

std::string to_rfc3339(sys_seconds time) { return format(time, "-", ":"); }

std::string to_compact_utc(sys_seconds time) { return format(time, "", ""); }

}  // namespace touchstone
