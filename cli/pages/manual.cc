#include "cli/pages/manual.h"

#include <algorithm>

#include "base/text.h"
#include "cli/shared/help.h"

namespace touchstone::cli {
namespace {

// Text that roff shows as it is: hyphens that can be copied, backslashes, no commands.
std::string roff(std::string_view text) {
  std::string out;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    line_begins = c == '\n';
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '~':
        out += "\\(ti";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '`':
        out += "\\(ga";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string section(std::string_view name) { return ".SH " + std::string(name) + "\n"; }

std::string as_written(const std::string& text) { return ".nf\n" + roff(text) + "\n.fi\n"; }

std::string item(const std::string& term, const std::string& meaning) {
  return ".TP\n" + term + "\n" + roff(meaning) + "\n";
}

std::string term(const OptionInfo& option) {
  std::string text;
  for (const std::string& name : option.names) {
    text += (text.empty() ? "" : ", ") + ("\\fB" + roff(name) + "\\fR");
  }
  if (option.names.front().starts_with('-') && !option.is_flag()) {
    text += " \\fI" + roff(option.value) + "\\fR";
  }
  return text;
}

std::string meaning(const OptionInfo& option) {
  std::string text = option.description;
  if (option.names.front().starts_with('-') && option.required) text += " (required)";
  if (option.repeated && !option.is_flag()) text += " (may be given several times)";
  return text + ".";
}

bool has_option(const CommandInfo& command, std::string_view name) {
  return std::ranges::any_of(command.options, [&](const OptionInfo& option) {
    return std::ranges::find(option.names, name) != option.names.end();
  });
}

// Variables and files, shown on the pages of the commands that have the option they belong to.
struct Outside {
  std::string_view option;
  std::string_view name;
  std::string_view meaning;
};
constexpr Outside variables[] = {
    {"--trust", "TOUCHSTONE_TRUST", "The folder of the trust store, where --trust is not given."},
    {"--trust", "XDG_CONFIG_HOME", "Where the user's trust store is looked for; else ~/.config."},
    {"--pin-file", "TOUCHSTONE_PIN", "The PIN, where --pin-file is not given."},
    {"--proxy", "HTTPS_PROXY, NO_PROXY", "The proxy and the hosts reached without it."},
    {"--no-color", "NO_COLOR", "When set and not empty, nothing is coloured."},
};
constexpr Outside files[] = {
    {"--trust", "~/.config/touchstone/trust", "The user's trust store, when it is there."},
    {"--trust", "/etc/touchstone/trust", "The trust store of the machine."},
};

std::string outside(std::string_view heading, std::span<const Outside> table,
                    const CommandInfo& command) {
  std::string text;
  for (const Outside& row : table) {
    if (!has_option(command, row.option)) continue;
    text += item("\\fB" + roff(row.name) + "\\fR", std::string(row.meaning));
  }
  return text.empty() ? "" : section(heading) + text;
}

std::string options_section(const CommandInfo& command) {
  std::string text = section("OPTIONS");
  std::string group = command.options.empty() ? "" : command.options.front().group;
  for (const OptionInfo& option : command.options) {
    if (option.group != group) text += ".SS " + roff(option.group) + "\n";
    group = option.group;
    text += item(term(option), meaning(option));
  }
  return text;
}

std::string lower_first(std::string text) {
  text.replace(0, 1, ascii_lower(text.substr(0, 1)));
  return text;
}

// The command above, those below, and the programs.
std::string see_also(const CommandInfo& command, const std::vector<CommandInfo>& programs) {
  std::vector<std::string> pages;
  const std::string own = page_name(command);
  for (const CommandInfo& program : programs) pages.push_back(page_name(program));
  if (own.find('-') != std::string::npos) pages.push_back(own.substr(0, own.rfind('-')));
  for (const CommandInfo& sub : command.commands) pages.push_back(page_name(sub));
  std::ranges::sort(pages);
  pages.erase(std::unique(pages.begin(), pages.end()), pages.end());
  std::erase(pages, own);
  std::string text = section("SEE ALSO");
  for (std::size_t i = 0; i < pages.size(); ++i) {
    text += ".BR " + roff(pages[i]) + " (1)" + (i + 1 < pages.size() ? "," : "") + "\n";
  }
  return text;
}

void add_reference(const CommandInfo& command, std::string& page) {
  page += "\n## " + command.name + "\n\n```\n" + help_text(command) + "```\n";
  for (const CommandInfo& sub : command.commands) add_reference(sub, page);
}

}  // namespace

std::string page_name(const CommandInfo& command) {
  std::string name = command.name;
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string manual_page(const CommandInfo& command, const std::vector<CommandInfo>& programs,
                        const std::string& date) {
  std::string title = page_name(command);
  std::ranges::transform(title, title.begin(), [](char c) {
    return 'a' <= c && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  std::string page = ".TH " + roff(title) + " 1 " + date +
                     " \"touchstone " TOUCHSTONE_VERSION "\" \"touchstone manual\"\n";
  page += section("NAME") + roff(page_name(command)) + " \\- " +
          roff(lower_first(command.summary)) + "\n";
  page += section("SYNOPSIS") + as_written(synopsis(command));
  page += section("DESCRIPTION") + roff(command.summary) + ".\n";
  for (const Paragraph& paragraph : command.body) {
    page += ".PP\n" + (paragraph.as_is ? as_written(paragraph.text) : roff(paragraph.text) + "\n");
  }
  if (!command.commands.empty()) {
    page += section("COMMANDS");
    for (const CommandInfo& sub : command.commands) {
      page += item("\\fB" + roff(sub.last_name()) + "\\fR", sub.summary + ".");
    }
  }
  if (!command.arguments.empty()) {
    page += section("ARGUMENTS");
    for (const OptionInfo& argument : command.arguments)
      page += item(term(argument), meaning(argument));
  }
  page += options_section(command);
  page += section("EXIT STATUS") + roff(command.exit_status) + ".\n";
  page += outside("ENVIRONMENT", variables, command);
  page += outside("FILES", files, command);
  if (!command.examples.empty()) {
    page += section("EXAMPLES");
    bool first = true;
    for (const std::string& example : command.examples) {
      page += (first ? "" : ".PP\n") + as_written(example);
      first = false;
    }
  }
  return page + see_also(command, programs);
}

std::string reference_page(const std::vector<CommandInfo>& programs) {
  std::string page =
      "# Command line\n\n"
      "What `--help` says of each command, written from the declarations that the programs parse "
      "by. A\n"
      "test compares this page with them, and `TOUCHSTONE_UPDATE=1 build/dev/test_cli` writes it "
      "anew.\n"
      "The manual pages (`man touchstone-verify`) and the completions (`touchstone completion`) "
      "come\n"
      "from the same place.\n";
  for (const CommandInfo& program : programs) add_reference(program, page);
  return page;
}

}  // namespace touchstone::cli
