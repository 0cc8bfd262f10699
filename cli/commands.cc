#include "cli/commands.h"

#include "base/text.h"
#include "cli/public_keys.h"
#include "cli/shared/output.h"
#include "cli/shared/verify_command.h"

namespace touchstone::cli {

void declare_commands(CLI::App& app) {
  app.set_version_flag("--version", std::string("touchstone ") + TOUCHSTONE_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 accepted or done, 1 refused, 2 wrong usage, 3 could not decide,\n"
      "4 key device, 5 internal, 130 interrupted.\n\n"
      "touchstone COMMAND --help tells more of each.");
  declare_sign(*app.add_subcommand("sign"));
  declare_verify(*app.add_subcommand("verify"), read_public_key);
  declare_resolve(*app.add_subcommand("resolve"));
  declare_key(*app.add_subcommand("key"));
  declare_trust(*app.add_subcommand("trust"));
  declare_login(*app.add_subcommand("login"));
  declare_logout(*app.add_subcommand("logout"));
  declare_explain(*app.add_subcommand("explain"));
  CLI::App& version = *app.add_subcommand("version", "Print the version");
  set_action(version, [] {
    const auto printed = print(std::string("touchstone ") + TOUCHSTONE_VERSION + "\n");
    return printed ? exit_accepted : complain(printed.error());
  });
}

void declare_explain(CLI::App& command) {
  const auto wanted = std::make_shared<std::string>();
  command.description("Say what an error code means and what to do about it.");
  command.add_option("CODE", *wanted, "such as identity.mismatch")->required()->type_name("");
  set_action(command, [wanted] {
    const auto code = code_by_slug(*wanted);
    if (!code) {
      return complain(Error{Code::usage_arguments,
                            "\"" + printable(*wanted) + "\" is no code of this program", ""});
    }
    const CodeInfo& info = code_info(*code);
    const std::string hint = info.hint.empty() ? "" : "Hint: " + std::string(info.hint) + "\n";
    const auto printed =
        print(std::string(info.slug) + " (exit status " + std::to_string(info.exit_status) + ")\n" +
              std::string(info.sentence) + "\n" + hint);
    return printed ? exit_accepted : complain(printed.error());
  });
}

}  // namespace touchstone::cli
