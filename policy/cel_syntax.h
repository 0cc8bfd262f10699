// An expression, parsed and checked.
//
// Spec: CEL language definition, "Syntax" and "Macros", without maps and messages as literals,
// bytes, unsigned integers and types as values. What could only fail is refused here: names and
// functions that do not exist, numbers of arguments, patterns that are none, a result that cannot
// be a boolean.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/cel_functions.h"
#include "policy/cel_value.h"

namespace touchstone::policy::cel {

// What an expression can name, in this order in an evaluation's scope; the variables of macros
// come behind.
inline constexpr std::string_view global_names[] = {"predicate", "subject", "image", "now"};

struct Node {
  enum class Kind : std::uint8_t {
    literal,      // value
    variable,     // slot: its place in the scope
    member,       // parts[0].text
    has,          // whether parts[0] has a member `text`
    list,         // of parts
    call,         // of `function` with parts
    match,        // parts[0].matches(pattern), the pattern being a literal
    conditional,  // parts[0] ? parts[1] : parts[2]
    conjunction,  // of parts, two or more
    disjunction,  // of parts, two or more
    all,          // a loop over parts[0], whose variable has `slot`, of the test parts[1]
    exists,
    exists_one,
    filter,
    map,  // of parts[1], or of parts[2] for the elements that satisfy parts[1]
  };
  Kind kind = Kind::literal;
  std::size_t offset = 0;
  std::size_t depth = 1;
  std::vector<Node> parts = {};
  std::string text = {};  // a string's contents, or a name
  Value value = {};
  std::size_t slot = 0;
  const Function* function = nullptr;
  std::shared_ptr<const re2::RE2> pattern = nullptr;
};

struct Program {
  std::string text;
  Node root;
};

// Errors: policy.expression, with the position.
Result<std::shared_ptr<const Program>> parse_program(std::string_view text);

}  // namespace touchstone::policy::cel
