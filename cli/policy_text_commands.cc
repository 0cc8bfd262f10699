#include <filesystem>

#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/shared/command_info.h"
#include "cli/shared/output.h"
#include "cli/shared/policy_loading.h"
#include "cli/shared/system.h"
#include "formats/json.h"
#include "policy/format.h"
#include "policy/lint.h"
#include "policy/schema.h"

namespace touchstone::cli {
namespace {

constexpr int exit_findings = 1;

// Lint.

struct LintCommand {
  std::string file;
  std::string trust;
  std::string output = "text";

  int run() const;
};

std::string as_lines(const std::vector<policy::Finding>& findings, const std::string& file) {
  std::string text;
  for (const policy::Finding& each : findings) text += policy::to_line(each, file) + "\n";
  return text;
}

std::string as_json(const std::vector<policy::Finding>& findings, const std::string& file) {
  using formats::Json;
  Json::Array listed;
  for (const policy::Finding& each : findings) {
    Json one;
    one.set("name", Json(each.name));
    one.set("line", Json(std::uint64_t{each.place.line}));
    one.set("column", Json(std::uint64_t{each.place.column}));
    one.set("message", Json(each.message));
    listed.push_back(std::move(one));
  }
  Json document;
  document.set("version", Json(std::uint64_t{1}));
  document.set("file", Json(printable(file)));
  document.set("findings", Json(std::move(listed)));
  return formats::to_text(document) + "\n";
}

int LintCommand::run() const {
  if (output != "text" && output != "json") {
    return complain({Code::usage_arguments, "--output is text or json", ""});
  }
  const SystemClock clock;
  const auto document = read_policy(file, trust_folder(trust), clock);
  if (!document) return complain(document.error());
  const auto findings = policy::lint(*document, clock.now());
  const auto printed = print(output == "json" ? as_json(findings, file) : as_lines(findings, file));
  if (!printed) return complain(printed.error());
  return findings.empty() ? exit_accepted : exit_findings;
}

// Fmt.

struct FormatCommand {
  std::string file;
  bool write = false;
  bool check = false;

  int run() const;
};

unsigned mode_of(const std::string& file) {
  std::error_code ignored;
  const auto mode = std::filesystem::status(file, ignored).permissions();
  return static_cast<unsigned>(mode & std::filesystem::perms::all);
}

int FormatCommand::run() const {
  const auto contents = read_file(file, limits::max_policy_bytes);
  if (!contents) return complain(contents.error());
  const std::string_view text = as_text(*contents);
  const auto tidy = policy::format_text(text, printable(file));
  if (!tidy) return complain(tidy.error());
  if (check) return *tidy == text ? exit_accepted : exit_findings;
  if (write && *tidy == text) return exit_accepted;
  const auto done = write ? replace_file(file, as_bytes(*tidy), mode_of(file)) : print(*tidy);
  return done ? exit_accepted : complain(done.error());
}

int print_schema() {
  const auto printed = print(formats::to_text(policy::schema()) + "\n");
  return printed ? exit_accepted : complain(printed.error());
}

}  // namespace

void declare_policy_lint(CLI::App& policy) {
  CLI::App& app = *policy.add_subcommand("lint");
  auto command = std::make_shared<LintCommand>();
  app.description(
      "Tell what a policy allows that may not be meant.\n\n"
      "Loose patterns, rules that never apply, ignored vulnerabilities that count again, keys in\n"
      "two roots, rules that let pass, an end that is near.\n\n"
      "Exit status: 0 nothing found, 1 something found, 2 the policy cannot be used.\n\n"
      "Example:\n"
      "  touchstone policy lint policy.yaml");
  app.add_option("FILE", command->file, "the policy")->required()->type_name("");
  offer(*app.add_option("-o,--output", command->output, "text or json (default: text)")
             ->type_name("FORMAT"),
        {"text", "json"});
  declare_trust(app, command->trust);
  set_action(app, [command] { return command->run(); });
}

void declare_policy_fmt(CLI::App& policy) {
  CLI::App& app = *policy.add_subcommand("fmt");
  auto command = std::make_shared<FormatCommand>();
  app.description(
      "Print a policy, tidied.\n\n"
      "No blanks at line ends, one empty line where there are several. Comments, order and\n"
      "spelling stay, and so does what the policy says: where a text of several lines would\n"
      "change, all stays as it is.\n\n"
      "Exit status: 0 done, 1 with --check: it would change, 2 the policy cannot be read.\n\n"
      "Example:\n"
      "  touchstone policy fmt --write policy.yaml");
  app.add_option("FILE", command->file, "the policy")->required()->type_name("");
  auto* const write = app.add_flag("--write", command->write, "change the file, and print nothing");
  app.add_flag("--check", command->check, "print and change nothing")->excludes(write);
  set_action(app, [command] { return command->run(); });
}

void declare_policy_schema(CLI::App& policy) {
  CLI::App& app = *policy.add_subcommand("schema");
  app.description(
      "Print the JSON Schema of policies, for editors.\n\n"
      "It is of draft 2020-12. The program itself checks more than a schema can say.\n\n"
      "Exit status: 0 done.\n\n"
      "Example:\n"
      "  touchstone policy schema > policy.schema.json");
  set_action(app, print_schema);
}

}  // namespace touchstone::cli
