#include "policy/format.h"

#include "base/text.h"
#include "policy/read.h"

namespace touchstone::policy {
namespace {

std::string tidied(std::string_view text) {
  std::string out;
  bool gap = false;  // an empty line waits for what comes after it
  for (std::string_view line : split(text, '\n')) {
    line = line.substr(0, line.find_last_not_of(" \r") + 1);
    if (line.empty()) {
      gap = !out.empty();
      continue;
    }
    if (gap) out += '\n';
    gap = false;
    out += std::string(line) + '\n';
  }
  return out;
}

}  // namespace

Result<std::string> format_text(std::string_view text, const std::string& source) {
  TS_TRY(const formats::Yaml before, parse_text(as_bytes(text), source));
  std::string tidy = tidied(text);
  const auto after = parse_text(as_bytes(tidy), source);
  if (after && after->to_json() == before.to_json()) return tidy;
  return std::string(text);
}

}  // namespace touchstone::policy
