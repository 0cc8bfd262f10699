// The words of an expression.
//
// Spec: CEL language definition, "Syntax". Left out: bytes literals, unsigned integers, quoted
// identifiers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace touchstone::policy::cel {

struct Token {
  enum class Kind : std::uint8_t { end, name, integer, real, string, symbol };
  Kind kind = Kind::end;
  std::size_t offset = 0;
  std::string text = {};  // a name, a symbol, a number as written, or a string's contents
};

// The last token is the end. Refuses what is no UTF-8, strings that do not end, escapes that do not
// exist or stand for NUL or no character, symbols that CEL does not have.
// Errors: policy.expression.
Result<std::vector<Token>> tokens_of(std::string_view text);

// "column 5", "line 2, column 1": where something stands in `text`.
std::string position(std::string_view text, std::size_t offset);

// Errors: policy.expression, always.
Error syntax_error(std::string_view text, std::size_t offset, std::string_view what);

}  // namespace touchstone::policy::cel
