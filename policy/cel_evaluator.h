// The value of an expression over what was signed.
#pragma once

#include "policy/cel_syntax.h"

namespace touchstone::policy::cel {

// `globals` in the order of global_names.
// Errors: expression.failed, limit.expression; with the position.
Result<Value> evaluate(const Program& program, std::vector<Value> globals,
                       const Budget& budget = {});

}  // namespace touchstone::policy::cel
