#include "cli/shared/command_info.h"

#include <algorithm>

#include "base/text.h"

namespace touchstone::cli {
namespace {

constexpr std::string_view root_mark = "*roots*";
constexpr std::string_view default_group = "Options";
constexpr std::string_view default_exit_status =
    "0 accepted or done, 1 refused, 2 wrong usage or configuration, 3 could not decide, "
    "4 key device, 5 internal, 130 interrupted";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \n") - first + 1);
}

// The words of a text, one space between them.
std::string filled(std::string_view text) {
  std::string line;
  for (const std::string_view part : split(text, '\n')) {
    const std::string_view words = trimmed(part);
    if (!line.empty() && !words.empty()) line += ' ';
    line += words;
  }
  return line;
}

std::string without_full_stop(std::string text) {
  if (text.ends_with('.') && !text.ends_with("..")) text.pop_back();
  return text;
}

std::vector<std::string> paragraphs(std::string_view text) {
  std::vector<std::string> found(1);
  for (const std::string_view line : split(text, '\n')) {
    if (trimmed(line).empty()) {
      if (!found.back().empty()) found.emplace_back();
      continue;
    }
    if (!found.back().empty()) found.back() += '\n';
    found.back() += line;
  }
  if (found.back().empty()) found.pop_back();
  return found;
}

// "Examples:" and its indented lines, one command each; a line indented deeper goes on.
void take_examples(std::string_view paragraph, std::vector<std::string>& examples) {
  for (const std::string_view line : split(paragraph, '\n').size() > 1
                                         ? split(paragraph.substr(paragraph.find('\n') + 1), '\n')
                                         : std::vector<std::string_view>{}) {
    const bool goes_on = !examples.empty() && examples.back().ends_with('\\');
    if (goes_on) {
      examples.back() += "\n  " + std::string(trimmed(line));
    } else {
      examples.emplace_back(trimmed(line));
    }
  }
}

void take_paragraph(const std::string& paragraph, CommandInfo& command) {
  constexpr std::string_view exit_heading = "Exit status:";
  if (paragraph.starts_with(exit_heading)) {
    command.exit_status = without_full_stop(filled(paragraph.substr(exit_heading.size())));
  } else if (paragraph.starts_with("Example:") || paragraph.starts_with("Examples:")) {
    take_examples(paragraph, command.examples);
  } else if (paragraph.starts_with(' ') || paragraph.contains("\n ")) {
    command.body.push_back({paragraph, true});
  } else {
    command.body.push_back({filled(paragraph), false});
  }
}

void take_description(const CLI::App& app, CommandInfo& command) {
  command.exit_status = default_exit_status;
  bool first = true;
  // CLI11 copies a parent's footer to its commands.
  const bool inherited =
      app.get_parent() != nullptr && app.get_parent()->get_footer() == app.get_footer();
  const std::string footer = inherited ? "" : app.get_footer();
  for (std::string& paragraph : paragraphs(app.get_description() + "\n\n" + footer)) {
    if (!first) {
      take_paragraph(paragraph, command);
      continue;
    }
    first = false;
    const std::string text = filled(paragraph);
    const std::size_t end = text.find(". ");
    command.summary = without_full_stop(text.substr(0, end));
    if (end != std::string::npos) command.body.push_back({text.substr(end + 2), false});
  }
}

// The type name, and after it what offer() or CLI::IsMember left: "FORMAT:{text,json}".
void take_values(const CLI::Option& option, OptionInfo& info) {
  std::string type = option.get_type_name();
  const std::size_t mark = type.find(":{");
  if (mark != std::string::npos) {
    const std::size_t end = type.find('}', mark);
    const std::string list = type.substr(mark + 2, end - mark - 2);
    type.resize(mark);
    if (list == root_mark) {
      info.values = Values::root;
    } else {
      info.values = Values::listed;
      for (const std::string_view value : split(list, ','))
        info.listed.emplace_back(trimmed(value));
    }
  }
  info.value = type.empty() ? info.names.front() : type;
  if (info.values != Values::any) return;
  for (const std::string_view kind : {"FILE", "KEY", "PUBLIC", "CERTIFICATE"}) {
    if (info.value.starts_with(kind)) info.values = Values::file;
  }
  if (info.value.starts_with("DIR")) info.values = Values::folder;
}

OptionInfo describe_option(const CLI::Option& option) {
  OptionInfo info;
  if (option.get_positional()) {
    info.names = {option.get_name(true)};
  } else {
    for (const std::string& name : option.get_snames()) info.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) info.names.push_back("--" + name);
  }
  info.description = without_full_stop(filled(option.get_description()));
  info.group = option.get_group();
  info.required = option.get_required();
  info.repeated = option.get_items_expected_max() >= CLI::detail::expected_max_vector_size ||
                  (option.get_items_expected_max() > 0 &&
                   option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll);
  if (option.get_items_expected_max() > 0) take_values(option, info);
  return info;
}

}  // namespace

CommandInfo describe_command(const CLI::App& app, const std::string& name) {
  CommandInfo command;
  command.name = name;
  take_description(app, command);
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    OptionInfo info = describe_option(*option);
    (option->get_positional() ? command.arguments : command.options).push_back(std::move(info));
  }
  // The command's own options first, then each group in the order in which it first appears.
  std::vector<std::string> groups = {std::string(default_group)};
  for (const OptionInfo& option : command.options) {
    if (std::ranges::find(groups, option.group) == groups.end()) groups.push_back(option.group);
  }
  std::vector<OptionInfo> ordered;
  for (const std::string& group : groups) {
    for (const OptionInfo& option : command.options) {
      if (option.group == group) ordered.push_back(option);
    }
  }
  command.options = std::move(ordered);
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (sub->get_name().empty() || sub->get_group().empty() || sub->get_disabled()) continue;
    command.commands.push_back(describe_command(*sub, name + " " + sub->get_name()));
  }
  return command;
}

std::string synopsis(const CommandInfo& command) {
  std::string line = command.name;
  for (const OptionInfo& option : command.options) {
    if (option.required) line += " " + option.names.back() + " " + option.value;
  }
  line += " [options]";
  for (const OptionInfo& argument : command.arguments) {
    const std::string word = argument.names.front() + (argument.repeated ? "..." : "");
    line += argument.required ? " " + word : " [" + word + "]";
  }
  if (!command.commands.empty()) line += " COMMAND";
  return line;
}

void offer(CLI::Option& option, const std::vector<std::string>& values) {
  option.check(CLI::Validator([](std::string&) { return std::string(); },
                              "{" + join(values, ",") + "}", "offered"));
}

void offer_roots(CLI::Option& option) { offer(option, {std::string(root_mark)}); }

}  // namespace touchstone::cli
