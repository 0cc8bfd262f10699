#include "base/error.h"

#include <algorithm>
#include <array>

namespace touchstone {
namespace {

constexpr std::array table = {
#define TS_CODE(name, slug, exit_status, sentence, hint) \
  CodeInfo{Code::name, slug, exit_status, sentence, hint},
#include "base/codes.inc"
#undef TS_CODE
};

}  // namespace

std::span<const CodeInfo> all_codes() { return table; }

const CodeInfo& code_info(Code code) { return table.at(static_cast<std::size_t>(code)); }

std::optional<Code> code_by_slug(std::string_view slug) {
  const auto found = std::ranges::find(table, slug, &CodeInfo::slug);
  if (found == table.end()) return std::nullopt;
  return found->code;
}

Error in_context(Error error, Code code, std::string_view what) {
  const std::string_view kind = slug(error.code);
  if (!kind.starts_with("limit.") && !kind.starts_with("internal.")) error.code = code;
  error.message = std::string(what) + ": " + error.message;
  return error;
}

}  // namespace touchstone
