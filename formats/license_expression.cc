#include "formats/license_expression.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace touchstone::formats {
namespace {

constexpr std::size_t max_nesting = 64;  // real ones nest three deep

// Words and parentheses.
std::vector<std::string_view> tokens_of(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  std::vector<std::string_view> tokens;
  std::size_t i = 0;
  while (i < text.size()) {
    if (blanks.find(text[i]) != blanks.npos) {
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    if (text[i] != '(' && text[i] != ')') end = text.find_first_of(" \t\r\n()", i);
    tokens.push_back(text.substr(i, end - i));
    i = end;
  }
  return tokens;
}

// Evaluates while it parses; absent where the text is no expression.
class Evaluator {
 public:
  Evaluator(std::string_view text, const LicenseTest& test)
      : tokens_(tokens_of(text)), test_(test) {}

  std::optional<bool> whole() {
    const auto result = alternatives();
    return next_ == tokens_.size() ? result : std::nullopt;
  }

 private:
  bool take(std::string_view token) {
    if (next_ == tokens_.size() || tokens_[next_] != token) return false;
    ++next_;
    return true;
  }

  std::optional<bool> alternatives() {
    auto result = conjunction();
    while (result && take("OR")) {
      const auto other = conjunction();
      result = other ? std::optional(*result || *other) : std::nullopt;
    }
    return result;
  }

  std::optional<bool> conjunction() {
    auto result = term();
    while (result && take("AND")) {
      const auto other = term();
      result = other ? std::optional(*result && *other) : std::nullopt;
    }
    return result;
  }

  std::optional<bool> term() {
    if (!take("(")) return license();
    if (++depth_ > max_nesting) return std::nullopt;
    const auto result = alternatives();
    --depth_;
    return take(")") ? result : std::nullopt;
  }

  std::optional<bool> license() {
    const auto id = word();
    if (!id) return std::nullopt;
    if (!take("WITH")) return test_(*id, "");
    const auto exception = word();
    return exception ? std::optional(test_(*id, *exception)) : std::nullopt;
  }

  std::optional<std::string_view> word() {
    if (next_ == tokens_.size()) return std::nullopt;
    const std::string_view token = tokens_[next_];
    for (const char* reserved : {"(", ")", "AND", "OR", "WITH"}) {
      if (token == reserved) return std::nullopt;
    }
    ++next_;
    return token;
  }

  std::vector<std::string_view> tokens_;
  const LicenseTest& test_;
  std::size_t next_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace

bool is_acceptable(std::string_view expression, const LicenseTest& denied,
                   const LicenseTest& allowed) {
  const LicenseTest acceptable = [&](std::string_view id, std::string_view exception) {
    return !denied(id, exception) && allowed(id, exception);
  };
  const auto result = Evaluator(expression, acceptable).whole();
  if (result) return *result;
  const auto is_denied = [&](std::string_view word) { return denied(word, ""); };
  return acceptable(expression, "") && std::ranges::none_of(tokens_of(expression), is_denied);
}

}  // namespace touchstone::formats
