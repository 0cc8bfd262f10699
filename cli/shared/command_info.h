// What a command is, read from its declaration: the one source of --help, the completions, the
// manual pages and the reference page, so that none of them can disagree with the parser.
//
// Nothing is declared twice. A command's description is paragraphs of text: the first sentence is
// its summary; a paragraph that begins with "Exit status:" or "Example" (its lines indented) is
// taken as such; a paragraph with an indented line keeps its line breaks, others are filled. What
// is hidden (an empty group, CLI11's rule) is in none of the four.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace touchstone::cli {

// What can stand for a value, for completion.
enum class Values : std::uint8_t { any, file, folder, root, listed };

struct OptionInfo {
  std::vector<std::string> names;  // "-k", "--key"; of an argument: "IMAGE"
  std::string value;               // "FILE"; empty for a flag
  std::string description;         // one line, no full stop
  std::string group;
  bool required = false;
  bool repeated = false;  // may be given several times
  Values values = Values::any;
  std::vector<std::string> listed;  // of Values::listed

  bool is_flag() const { return value.empty(); }
};

struct Paragraph {
  std::string text;    // one line when it is to be filled
  bool as_is = false;  // keep the line breaks
};

struct CommandInfo {
  std::string name;     // "touchstone key list"
  std::string summary;  // the description's first sentence, no full stop
  std::vector<Paragraph> body;
  std::string exit_status;            // "0 accepted, 1 refused, ..."
  std::vector<std::string> examples;  // one command each; "\" joins lines
  std::vector<OptionInfo> arguments;
  std::vector<OptionInfo> options;  // in the order of their declaration, grouped
  std::vector<CommandInfo> commands;

  std::string last_name() const { return name.substr(name.rfind(' ') + 1); }
};

// `name` is what the user types to get there.
CommandInfo describe_command(const CLI::App& app, const std::string& name);

// The command line, as usage shows it: "touchstone sign --key KEY [options] IMAGE...".
std::string synopsis(const CommandInfo& command);

// Says which values an option takes, for completion alone: each is checked by the command.
void offer(CLI::Option& option, const std::vector<std::string>& values);
// The names of the trust store's roots.
void offer_roots(CLI::Option& option);

}  // namespace touchstone::cli
