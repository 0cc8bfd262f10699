// What people and scripts see. Results go to standard output, all else to standard error, each
// line with the program's name, lower case and without a full stop.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace touchstone::cli {

// Writes to standard output at the end of a command: a result that cannot be written is no result.
// Errors: internal.output.
Status print(std::string_view text);

// "touchstone: <text>" on standard error.
void say(std::string_view text);

// An error as three lines: what, hint, code. Returns its exit status.
int complain(const Error& error);

}  // namespace touchstone::cli
