// What went wrong, under a stable name.
//
// A Code has a slug ("digest.mismatch"), an exit status, a sentence and a hint; all of them stand
// in one table, base/codes.inc, and docs/reference/errors.md is compared with it by a test. Scripts
// match slugs and exit statuses, never messages. A slug that was released keeps its meaning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace touchstone {

enum class Code : std::uint8_t {
#define TS_CODE(name, slug, exit_status, sentence, hint) name,
#include "base/codes.inc"
#undef TS_CODE
};

struct CodeInfo {
  Code code;
  std::string_view slug;
  int exit_status;
  std::string_view sentence;  // what the code means, for `explain` and the reference page
  std::string_view hint;      // what to do about it in general
};

// Every code, in the order of the table.
std::span<const CodeInfo> all_codes();
const CodeInfo& code_info(Code code);
std::optional<Code> code_by_slug(std::string_view slug);

inline std::string_view slug(Code code) { return code_info(code).slug; }
inline int exit_status(Code code) { return code_info(code).exit_status; }

struct Error {
  Code code;
  std::string message;  // what is wrong with which input; one line, no full stop
  std::string hint;     // what to try next; empty where the table's hint serves
};

// The same failure under the code that fits where it happened: a parser says `format.json`, and
// the reader of a manifest says which manifest. Limits and internal errors keep their own code.
Error in_context(Error error, Code code, std::string_view what);

}  // namespace touchstone
