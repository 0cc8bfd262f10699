#include "cli/shared/help.h"

#include <algorithm>

#include "base/nearest.h"
#include "base/text.h"

namespace touchstone::cli {
namespace {

constexpr std::size_t max_left_columns = 30;  // a longer name stands on a line of its own

// `text` in lines of at most help_columns, all but the first indented by `indent`; the first begins
// at column `at`.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t at) {
  std::string out;
  for (const std::string_view word : split(text, ' ')) {
    const bool first = out.empty();
    if (!first && at + 1 + word.size() > help_columns) {
      out += "\n" + std::string(indent, ' ');
      at = indent;
    } else if (!first) {
      out += ' ';
      ++at;
    }
    out += word;
    at += word.size();
  }
  return out;
}

std::string label(const OptionInfo& option) {
  std::string text = option.names.front().starts_with("--") ? "    " : "";
  text += join(option.names, ", ");
  if (!option.is_flag() && option.names.front().starts_with('-')) text += " " + option.value;
  return text;
}

struct Row {
  std::string left;
  std::string right;
};

std::string table(const std::string& heading, const std::vector<Row>& rows) {
  std::size_t width = 0;
  for (const Row& row : rows) {
    if (row.left.size() <= max_left_columns) width = std::max(width, row.left.size());
  }
  const std::size_t column = 2 + width + 2;
  std::string text = "\n" + heading + ":\n";
  for (const Row& row : rows) {
    text += "  " + row.left;
    text += row.left.size() > width ? "\n" + std::string(column, ' ')
                                    : std::string(column - 2 - row.left.size(), ' ');
    text += wrapped(row.right, column, column) + "\n";
  }
  return text;
}

std::string right_side(const OptionInfo& option) {
  std::string text = option.description;
  const bool says_so = text.contains("repeated") || text.contains("several");
  if (option.repeated && option.names.front().starts_with('-') && !option.is_flag() && !says_so) {
    text += "; may be repeated";
  }
  return text;
}

std::vector<std::string> option_names(const CommandInfo& command) {
  std::vector<std::string> names;
  for (const OptionInfo& option : command.options) {
    for (const std::string& name : option.names) {
      if (name.starts_with("--")) names.push_back(name);
    }
  }
  return names;
}

// The parser's own words for what is missing, in ours.
std::string in_our_words(const CLI::ParseError& error, const CommandInfo& command) {
  const std::string text = error.what();
  const std::string name = text.substr(0, text.find_first_of(": "));
  if (text == name + " is required") return command.name + " needs " + name;
  for (const OptionInfo& option : command.options) {
    const bool it_is = std::ranges::find(option.names, name) != option.names.end();
    if (it_is && text.contains("required") && text.contains("missing")) {
      return name + " needs a value: " + option.value;
    }
  }
  return text;
}

Error misspelt(std::string_view kind, const std::string& typed, const std::string& meant,
               const std::string& command) {
  const std::string help = "see " + command + " --help";
  return Error{Code::usage_arguments,
               command + " has no " + std::string(kind) + " \"" + printable(typed) + "\"",
               meant.empty() ? help : "did you mean " + meant + "? (" + help + ")"};
}

}  // namespace

std::string help_text(const CommandInfo& command) {
  std::string text = wrapped("Usage: " + synopsis(command), 9, 0) + "\n\n";
  text += wrapped(command.summary + ".", 0, 0) + "\n";
  for (const Paragraph& paragraph : command.body) {
    text += "\n" + (paragraph.as_is ? paragraph.text : wrapped(paragraph.text, 0, 0)) + "\n";
  }
  std::vector<Row> rows;
  for (const CommandInfo& sub : command.commands) rows.push_back({sub.last_name(), sub.summary});
  if (!rows.empty()) text += table("Commands", rows);
  rows.clear();
  for (const OptionInfo& argument : command.arguments) {
    rows.push_back({label(argument), right_side(argument)});
  }
  if (!rows.empty()) text += table("Arguments", rows);
  rows.clear();
  for (std::size_t i = 0; i < command.options.size(); ++i) {
    const OptionInfo& option = command.options[i];
    rows.push_back({label(option), right_side(option)});
    if (i + 1 < command.options.size() && command.options[i + 1].group == option.group) continue;
    text += table(option.group, rows);
    rows.clear();
  }
  text += "\n" + wrapped("Exit status: " + command.exit_status + ".", 2, 0) + "\n";
  if (!command.examples.empty()) {
    text += command.examples.size() == 1 ? "\nExample:\n" : "\nExamples:\n";
    for (const std::string& example : command.examples) {
      for (const std::string_view line : split(example, '\n'))
        text += "  " + std::string(line) + "\n";
    }
  }
  return text;
}

Chosen chosen_command(const CLI::App& app) {
  Chosen chosen{&app, app.get_name()};
  while (true) {
    const auto parsed = chosen.app->get_subcommands();
    if (parsed.empty()) return chosen;
    chosen = {parsed.back(), chosen.name + " " + parsed.back()->get_name()};
  }
}

Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const Chosen chosen = chosen_command(app);
  const CommandInfo command = describe_command(*chosen.app, chosen.name);
  const std::vector<std::string> unknown = chosen.app->remaining();
  if (!unknown.empty() && unknown.front().starts_with('-') && unknown.front() != "--") {
    const std::string typed = unknown.front().substr(0, unknown.front().find('='));
    const std::string meant = typed.size() > 2 ? nearest(typed, option_names(command)) : "";
    return misspelt("option", typed, meant, chosen.name);
  }
  if (!command.commands.empty() && !unknown.empty()) {
    std::vector<std::string> names;
    for (const CommandInfo& sub : command.commands) names.push_back(sub.last_name());
    return misspelt("command", unknown.front(), nearest(unknown.front(), names), chosen.name);
  }
  const std::string help = "see " + chosen.name + " --help";
  if (!command.commands.empty()) {
    return Error{Code::usage_arguments, chosen.name + " needs a command", help};
  }
  if (!unknown.empty()) {
    return Error{Code::usage_arguments,
                 chosen.name + " takes no argument \"" + printable(unknown.front()) + "\"", help};
  }
  return Error{Code::usage_arguments, printable(in_our_words(error, command)), help};
}

}  // namespace touchstone::cli
