// A policy's text, tidied.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace touchstone::policy {

// No blanks at the ends of lines, no two empty lines in a row, none at the beginning or the end,
// line feeds alone. Comments, order and spelling stay. What the policy says stays too: where that
// would change, within a text of several lines, all of it is left as it is.
// Errors: policy.syntax, limit.*.
Result<std::string> format_text(std::string_view text, const std::string& source);

}  // namespace touchstone::policy
