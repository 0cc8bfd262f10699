#include "formats/severity.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace touchstone::formats {
namespace {

struct Name {
  std::string_view text;
  Severity severity;
};

constexpr std::array<Name, 11> names = {{
    {"none", Severity::none},
    {"negligible", Severity::low},
    {"unimportant", Severity::low},
    {"minor", Severity::low},
    {"low", Severity::low},
    {"moderate", Severity::medium},
    {"medium", Severity::medium},
    {"important", Severity::high},
    {"high", Severity::high},
    {"severe", Severity::critical},
    {"critical", Severity::critical},
}};

}  // namespace

std::string_view severity_name(Severity severity) {
  constexpr std::array<std::string_view, 5> texts = {"none", "low", "medium", "high", "critical"};
  return texts[static_cast<std::size_t>(severity)];
}

std::optional<Severity> severity_of_score(double score) {
  if (!(score >= 0.0 && score <= 10.0)) return std::nullopt;  // no number among them
  if (score >= 9.0) return Severity::critical;
  if (score >= 7.0) return Severity::high;
  if (score >= 4.0) return Severity::medium;
  return score > 0.0 ? Severity::low : Severity::none;
}

std::optional<Severity> parse_severity(std::string_view text) {
  const auto* const found = std::ranges::find(names, ascii_lower(text), &Name::text);
  if (found != names.end()) return found->severity;
  double score = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), score);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return severity_of_score(score);
}

}  // namespace touchstone::formats
