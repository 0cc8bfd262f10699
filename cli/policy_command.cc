#include "cli/commands.h"

namespace touchstone::cli {

void declare_policy(CLI::App& command) {
  command.description(
      "Look at policies: what decides which images are accepted.\n\n"
      "Exit status: 0 done, 1 something was found, 2 a policy that cannot be used.\n\n"
      "Example:\n"
      "  touchstone policy lint policy.yaml");
  command.require_subcommand(1);
  declare_policy_lint(command);
  declare_policy_fmt(command);
  declare_policy_schema(command);
  declare_policy_sign(command);
  declare_policy_from(command);
  declare_policy_explain(command);
  declare_policy_test(command);
  declare_policy_diff(command);
}

}  // namespace touchstone::cli
