// The command lines of both programs, declared as they are in their main().
#pragma once

#include <functional>
#include <string>

#include "cli/commands.h"
#include "cli/shared/command_info.h"
#include "cli/shared/verify_command.h"

namespace touchstone::test {

struct Programs {
  CLI::App touchstone{"", "touchstone"};
  CLI::App verifier{"", "touchstone-verify"};

  Programs() {
    cli::declare_commands(touchstone);
    cli::declare_verifier(verifier);
  }
};

inline void each_command(const cli::CommandInfo& command,
                         const std::function<void(const cli::CommandInfo&)>& visit) {
  visit(command);
  for (const cli::CommandInfo& sub : command.commands) each_command(sub, visit);
}

// Every command of both.
inline void each_command(const std::function<void(const cli::CommandInfo&)>& visit) {
  const Programs programs;
  each_command(cli::describe_command(programs.touchstone, "touchstone"), visit);
  each_command(cli::describe_command(programs.verifier, "touchstone-verify"), visit);
}

}  // namespace touchstone::test
