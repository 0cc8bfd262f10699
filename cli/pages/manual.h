// Manual pages and the reference page of the command line, written from the declarations when the
// program is built. The shipped programs do not hold this code.
#pragma once

#include <string>
#include <vector>

#include "cli/shared/command_info.h"

namespace touchstone::cli {

// "touchstone-key-list": the name of a command's page.
std::string page_name(const CommandInfo& command);

// The page in section 1, for man(7)'s macros. `programs` are the tops of the trees it is in, for
// what to see as well; `date` is YYYY-MM-DD.
std::string manual_page(const CommandInfo& command, const std::vector<CommandInfo>& programs,
                        const std::string& date);

// docs/reference/command-line.md.
std::string reference_page(const std::vector<CommandInfo>& programs);

}  // namespace touchstone::cli
