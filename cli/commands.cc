#include "cli/commands.h"

#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "base/text.h"
#include "cli/public_keys.h"
#include "cli/shared/help.h"
#include "cli/shared/output.h"
#include "cli/shared/verify_command.h"
#include "cli/summary_signing.h"

namespace touchstone::cli {

namespace {

void declare_version(CLI::App& command) {
  command.description("Print the version.\n\nExample:\n  touchstone version");
  set_action(command, [] {
    const auto printed = print(std::string("touchstone ") + TOUCHSTONE_VERSION + "\n");
    return printed ? exit_accepted : complain(printed.error());
  });
}

struct Command {
  std::string_view name;
  void (*declare)(CLI::App& command);
};

// In the order in which help lists them.
constexpr std::array commands = {
    Command{"sign", declare_sign},
    Command{"attest", declare_attest},
    Command{"verify",
            [](CLI::App& command) { declare_verify(command, read_public_key, summary_signer()); }},
    Command{"sign-blob", declare_sign_blob},
    Command{"verify-blob", declare_verify_blob},
    Command{"resolve", declare_resolve},
    Command{"inspect", declare_inspect},
    Command{"copy", declare_copy},
    Command{"key", declare_key},
    Command{"trust", declare_trust},
    Command{"policy", declare_policy},
    Command{"login", declare_login},
    Command{"logout", declare_logout},
    Command{"doctor", declare_doctor},
    Command{"explain", declare_explain},
    Command{"completion", declare_completion},
    Command{"version", declare_version},
};

}  // namespace

void declare_commands(CLI::App& app, std::string_view first_word) {
  prepare(app, std::string("touchstone ") + TOUCHSTONE_VERSION);
  app.description(
      "Sign container images with hardware keys, and verify them before they run.\n\n"
      "Results are on standard output, all else on standard error. Every refusal and error ends\n"
      "with a stable code, which `touchstone explain CODE` explains. `touchstone COMMAND --help`\n"
      "tells more of each command.\n\n"
      "Examples:\n"
      "  touchstone sign --key release.pem registry.example/shop/api:1.4\n"
      "  touchstone verify --key release.pub registry.example/shop/api:1.4");
  app.require_subcommand(1);
  const auto chosen = std::ranges::find(commands, first_word, &Command::name);
  for (const Command& command : commands) {
    if (chosen != commands.end() && &command != &*chosen) continue;
    command.declare(*app.add_subcommand(std::string(command.name)));
  }
}

namespace {

std::string explanation(const CodeInfo& info) {
  const std::string hint = info.hint.empty() ? "" : "Hint: " + std::string(info.hint) + "\n";
  return std::string(info.slug) + " (exit status " + std::to_string(info.exit_status) + ")\n" +
         std::string(info.sentence) + "\n" + hint;
}

Result<std::string> explain(const std::string& wanted) {
  if (wanted.empty()) {
    std::string all;
    for (const CodeInfo& info : all_codes()) all += (all.empty() ? "" : "\n") + explanation(info);
    return all;
  }
  if (const auto code = code_by_slug(wanted)) return explanation(code_info(*code));
  std::vector<std::string> slugs;
  for (const CodeInfo& info : all_codes()) slugs.emplace_back(info.slug);
  const std::string meant = nearest(wanted, slugs);
  return Error{Code::usage_arguments, "\"" + printable(wanted) + "\" is no code of this program",
               meant.empty() ? "`touchstone explain` lists them all"
                             : "did you mean " + meant + "? (`touchstone explain` lists them all)"};
}

}  // namespace

void declare_explain(CLI::App& command) {
  const auto wanted = std::make_shared<std::string>();
  command.description(
      "Say what an error code means and what to do about it. Without CODE, all of them.\n\n"
      "Exit status: 0 done, 2 no such code.\n\n"
      "Example:\n  touchstone explain identity.mismatch");
  CLI::Option& code =
      *command.add_option("CODE", *wanted, "such as identity.mismatch")->type_name("");
  std::vector<std::string> slugs;
  for (const CodeInfo& info : all_codes()) slugs.emplace_back(info.slug);
  offer(code, slugs);
  set_action(command, [wanted] {
    const auto text = explain(*wanted);
    if (!text) return complain(text.error());
    const auto printed = print(*text);
    return printed ? exit_accepted : complain(printed.error());
  });
}

}  // namespace touchstone::cli
