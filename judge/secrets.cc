#include "judge/secrets.h"

#include <algorithm>
#include <vector>

#include "verify/text_match.h"

namespace touchstone::judge {
namespace {

struct Form {
  std::string_view name;
  std::string_view pattern;  // RE2, anywhere in the text
};

constexpr Form forms[] = {
    {"an AWS access key", R"(\b(?:AKIA|ASIA)[0-9A-Z]{16}\b)"},
    {"a GitHub token", R"(\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22}))"},
    {"a GitLab token", R"(\bglpat-[A-Za-z0-9_-]{20})"},
    {"a Slack token", R"(\bxox[abeprs]-[A-Za-z0-9-]{10})"},
    {"a Google API key", R"(\bAIza[A-Za-z0-9_-]{35})"},
    {"a Stripe key", R"(\b[sr]k_live_[A-Za-z0-9]{16})"},
    {"an npm token", R"(\bnpm_[A-Za-z0-9]{36})"},
    {"a private key", R"(-----BEGIN [A-Z ]*PRIVATE KEY-----)"},
    {"a password in a URL", R"([a-z][a-z0-9+.-]*://[^\s/:@$]+:[^\s/@$]+@)"},
    {"a bearer token", R"((?i)\bbearer\s+[A-Za-z0-9._~+/-]{16})"},
};

// NAME=value, where the value is no reference or path.
constexpr std::string_view assignment =
    R"((?i)["']?[A-Z0-9_]*)"
    R"((?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS?))"
    R"(["']?=["']?[^"'$/<{=].*)";

// Values that say whether, not what.
constexpr std::string_view harmless = R"((?i)[^=]*=["']?(?:yes|no|true|false|0|1|null|none)["']?)";

verify::TextMatch compiled(std::string_view pattern) {
  return *verify::TextMatch::pattern(std::string(pattern));
}

struct Known {
  std::string_view name;
  verify::TextMatch match;
};

const std::vector<Known>& known_forms() {
  static const std::vector<Known> known = [] {
    std::vector<Known> all;
    for (const Form& form : forms) {
      all.push_back({form.name, compiled("(?s:.*)(?:" + std::string(form.pattern) + ")(?s:.*)")});
    }
    return all;
  }();
  return known;
}

// Whether one of the words gives a value to a name for secrets.
bool assigns_secret(std::string_view text) {
  static const verify::TextMatch assigns = compiled(assignment);
  static const verify::TextMatch says_whether = compiled(harmless);
  constexpr std::string_view blanks = " \t\r\n;";
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of(blanks, begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    if (word.contains('=') && assigns.matches(word) && !says_whether.matches(word)) return true;
    begin = end + 1;
  }
  return false;
}

}  // namespace

std::optional<std::string> find_secret(std::string_view text) {
  for (const Known& known : known_forms()) {
    if (known.match.matches(text)) return std::string(known.name);
  }
  if (assigns_secret(text)) return "the value of a name for secrets";
  return std::nullopt;
}

}  // namespace touchstone::judge
