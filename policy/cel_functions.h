// The operators and functions of expressions, over values.
//
// Spec: CEL language definition, "Standard Definitions", of which docs/reference/expressions.md has
// a part.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "policy/cel_value.h"

namespace re2 {
class RE2;
}

namespace touchstone::policy::cel {

// The arguments are evaluated before it is called.
// Errors: expression.failed, limit.expression.
using Implementation = Result<Value> (*)(std::span<const Value> arguments, Meter& meter);

struct Function {
  std::string_view name;
  bool is_method;         // called as target.name(...); the target is its first argument
  std::size_t arguments;  // the target among them
  bool may_be_bool;       // whether its result can be what an expression has to be
  Implementation call;
};

// Operators have the names by which they are written: "+", "==", "in", "[]"; unary ones "-_", "!_".
// Null when there is none of that form, whatever the number of arguments.
const Function* find_function(std::string_view name, bool is_method);

// Whether a pattern is one that matches() takes: RE2's, within limits.
std::shared_ptr<const re2::RE2> compile_pattern(std::string_view pattern);
// Errors: expression.failed, limit.expression.
Result<Value> match_pattern(const Value& text, const re2::RE2& pattern, Meter& meter);

}  // namespace touchstone::policy::cel
