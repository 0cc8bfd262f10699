#include "judge/versioned_tag.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"

namespace touchstone::judge {
namespace {

struct Version {
  std::vector<std::string_view> numbers;  // one to three
  std::string_view pre_release;
};

bool is_number(std::string_view text) {
  const bool leading_zero = text.size() > 1 && text[0] == '0';
  return !text.empty() && !leading_zero && text.find_first_not_of("0123456789") == text.npos;
}

// Behind '-' or '+': parts of letters, digits and hyphens, with points between.
bool are_identifiers(std::string_view text) {
  constexpr std::string_view letters =
      "0123456789-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return std::ranges::all_of(split(text, '.'), [&](std::string_view part) {
    return !part.empty() && part.find_first_not_of(letters) == part.npos;
  });
}

std::optional<Version> parse(std::string_view text) {
  if (!text.starts_with('v')) return std::nullopt;
  text.remove_prefix(1);
  if (const std::size_t build = text.find('+'); build != text.npos) {
    if (!are_identifiers(text.substr(build + 1))) return std::nullopt;
    text = text.substr(0, build);
  }
  Version version;
  if (const std::size_t dash = text.find('-'); dash != text.npos) {
    version.pre_release = text.substr(dash + 1);
    if (!are_identifiers(version.pre_release)) return std::nullopt;
    text = text.substr(0, dash);
  }
  version.numbers = split(text, '.');
  const bool whole =
      version.numbers.size() == 3 || (version.numbers.size() < 3 && version.pre_release.empty());
  if (!whole || !std::ranges::all_of(version.numbers, is_number)) return std::nullopt;
  return version;
}

}  // namespace

bool fits_version(std::string_view wanted, std::string_view tag) {
  const auto want = parse(wanted);
  const auto have = parse(tag);
  if (!want || !have || have->numbers.size() < want->numbers.size()) return false;
  if (!std::ranges::equal(want->numbers, std::span(have->numbers).first(want->numbers.size()))) {
    return false;
  }
  return want->numbers.size() < 3 || want->pre_release == have->pre_release;
}

}  // namespace touchstone::judge
