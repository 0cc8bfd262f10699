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

// "touchstone: <text>" on standard error. On a terminal its first word is coloured when it is one
// of those that open a result ("accepted:", "refused:", "hint:" and the like).
void say(std::string_view text);

// From here on nothing is coloured. Nothing is, either, when standard error is no terminal, with
// NO_COLOR in the environment, and on a terminal that says it is dumb.
void forbid_colours();

// Whether standard error is a terminal that lines can be rewritten on.
bool is_terminal();

// One line at the bottom of the terminal, in place of the one before; empty takes it away. It is
// cut to the terminal's width, and whatever else is said replaces it. Nothing where is_terminal()
// is false. May be called from a thread beside.
void show_status(std::string_view text);

// An error as three lines: what, hint, code. Returns its exit status.
int complain(const Error& error);

}  // namespace touchstone::cli
