// JSON for reports, which may be read on a terminal.
#pragma once

#include <string>

#include "formats/json.h"

namespace touchstone::formats {

// As to_text(), and every character that printable() would change is written by its escape: the
// same value to a program, and no cursor is moved where people look at it.
std::string to_shown_text(const Json& value);

}  // namespace touchstone::formats
