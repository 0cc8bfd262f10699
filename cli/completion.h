// Shell completion, written from the declarations of both programs.
//
// What is completed: commands, options, the values that an option lists, files and folders, and
// names of roots, which the script asks `touchstone trust list` for. Keys on devices are not: a
// script that is run by a tab key must not load modules.
#pragma once

#include <string>
#include <vector>

#include "cli/shared/command_info.h"

namespace touchstone::cli {

enum class Shell : std::uint8_t { bash, zsh, fish };

// The script for these programs, each the top of a tree of commands.
std::string completion_script(Shell shell, const std::vector<CommandInfo>& programs);

// Both programs as they are declared.
std::vector<CommandInfo> all_programs();

}  // namespace touchstone::cli
