// --help, and what is said of a command line that is not understood.
#pragma once

#include <string>

#include "base/error.h"
#include "cli/shared/command_info.h"

namespace touchstone::cli {

inline constexpr std::size_t help_columns = 100;

std::string help_text(const CommandInfo& command);

// The command that was chosen so far, with the names that lead to it.
struct Chosen {
  const CLI::App* app;
  std::string name;
};
Chosen chosen_command(const CLI::App& app);

// What is wrong with the command line, with the nearest name there is where one is misspelt.
// `message` is the parser's own, for what is not a misspelt name.
// Errors: it is one: usage.arguments.
Error usage_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace touchstone::cli
