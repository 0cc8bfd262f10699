#include "verify/text_match.h"

#include <re2/re2.h>

#include <array>

#include "base/text.h"

namespace touchstone::verify {
namespace {

constexpr std::size_t max_pattern_bytes = 4096;       // names have some hundred
constexpr std::int64_t max_pattern_memory = 1 << 20;  // for RE2's automaton

RE2::Options options_for(bool case_sensitive) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(max_pattern_memory);
  options.set_case_sensitive(case_sensitive);
  return options;
}

}  // namespace

TextMatch TextMatch::exact(std::string text) {
  TextMatch match;
  match.text_ = std::move(text);
  return match;
}

Result<TextMatch> TextMatch::pattern(std::string pattern) {
  const auto error = [&](const std::string& why) {
    return Error{Code::policy_pattern, "pattern \"" + printable(pattern) + "\": " + why, ""};
  };
  if (pattern.empty()) return error("is empty");
  if (pattern.size() > max_pattern_bytes) return error("is too long");
  auto compiled = std::make_shared<RE2>(pattern, options_for(true));
  if (!compiled->ok()) return error(printable(compiled->error()));
  TextMatch match;
  match.text_ = std::move(pattern);
  match.pattern_ = std::move(compiled);
  return match;
}

Result<TextMatch> TextMatch::glob(std::string_view glob) {
  std::string pattern;
  for (std::size_t i = 0; i < glob.size(); ++i) {
    if (glob[i] == '*' && i + 1 < glob.size() && glob[i + 1] == '*') {
      pattern += ".*";
      ++i;
    } else if (glob[i] == '*') {
      pattern += "[^/]*";
    } else if (glob[i] == '?') {
      pattern += "[^/]";
    } else {
      pattern += RE2::QuoteMeta(glob.substr(i, 1));
    }
  }
  return TextMatch::pattern(std::move(pattern));
}

TextMatch TextMatch::without_case() const {
  TextMatch match = *this;
  match.any_case_ = true;
  if (pattern_) match.pattern_ = std::make_shared<RE2>(text_, options_for(false));
  return match;
}

bool TextMatch::matches(std::string_view text) const {
  if (pattern_) return RE2::FullMatch(text, *pattern_);
  return any_case_ ? ascii_lower(text) == ascii_lower(text_) : text == text_;
}

std::string TextMatch::describe() const {
  const std::string shown = printable(text_);
  return pattern_ ? "/" + shown + "/" : "\"" + shown + "\"";
}

// Names that somebody who wants in could hold: the pattern of an honest signer's name matches none.
std::optional<std::string> TextMatch::looseness() const {
  if (!pattern_) return std::nullopt;
  constexpr std::array<std::string_view, 5> strangers = {
      "https://evil.example/", "https://evil.example/github.com/", "mallory@evil.example", "x",
      "https://github.com/mallory/evil/.github/workflows/x.yml@refs/heads/x"};
  for (const std::string_view stranger : strangers) {
    if (matches(stranger)) return "it matches \"" + std::string(stranger) + "\" as well";
  }
  // "https://github.com.evil.example" for "https://github.com.*": a host that goes on.
  constexpr std::string_view scheme = "https://";
  const std::size_t begin = text_.find(scheme);
  const std::size_t wild = text_.find(".*");
  if (begin != text_.npos && wild != text_.npos &&
      text_.substr(begin + scheme.size(), wild - begin - scheme.size()).find('/') == text_.npos) {
    return "its host may go on to be another's";
  }
  return std::nullopt;
}

}  // namespace touchstone::verify
