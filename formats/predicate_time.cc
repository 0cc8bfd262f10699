#include "formats/predicate_time.h"

#include "base/text.h"

namespace touchstone::formats {
namespace {

constexpr std::string_view go_zero_time = "0001-01-01T00:00:00Z";
constexpr std::size_t offset_bytes = 6;  // "+01:00"

// Takes two digits that are at most `most`.
std::optional<int> two_digits(std::string_view text, int most) {
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
  }
  const int value = (text[0] - '0') * 10 + (text[1] - '0');
  return value <= most ? std::optional(value) : std::nullopt;
}

std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
  if ((text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto hours = two_digits(text.substr(1, 2), 23);
  const auto minutes = two_digits(text.substr(4, 2), 59);
  if (!hours || !minutes) return std::nullopt;
  const auto offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return text[0] == '-' ? -offset : offset;
}

}  // namespace

std::optional<Instant> parse_any_offset(std::string_view text) {
  if (text.ends_with('Z')) return parse_rfc3339_instant(text);
  if (text.size() <= offset_bytes) return std::nullopt;
  const auto offset = parse_offset(text.substr(text.size() - offset_bytes));
  const auto local =
      parse_rfc3339_instant(std::string(text.substr(0, text.size() - offset_bytes)) + "Z");
  if (!offset || !local) return std::nullopt;
  return *local - *offset;
}

Result<std::optional<std::chrono::sys_seconds>> optional_time(const Fields& fields,
                                                              std::string_view name) {
  using Time = std::optional<std::chrono::sys_seconds>;
  TS_TRY(const std::string text, fields.string_or(name, go_zero_time));
  if (text == go_zero_time) return Time();
  const auto time = parse_any_offset(text);
  if (!time) return fields.error(name, "\"" + printable(text) + "\" is no time");
  return Time(std::chrono::floor<std::chrono::seconds>(*time));
}

}  // namespace touchstone::formats
