// --help of every command, and what is said of a command line that is not understood.
#include "cli/shared/help.h"

#include <catch2/catch.hpp>
#include <regex>
#include <sstream>

#include "base/text.h"
#include "tests/support/programs.h"

namespace touchstone::cli {
namespace {

using test::each_command;
using test::Programs;

// Parses a command line of `touchstone` and gives the error of usage; an action must not be
// reached.
Error misuse(const std::vector<std::string>& words) {
  Programs programs;
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    programs.touchstone.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return usage_error(programs.touchstone, error);
  }
  FAIL("the command line was taken");
  return Error{Code::internal_error, "", ""};
}

}  // namespace

TEST_CASE("every command's help teaches, and fits the terminal", "[help]") {
  std::size_t seen = 0;
  each_command([&](const CommandInfo& command) {
    CAPTURE(command.name);
    ++seen;
    CHECK(command.summary.size() > 8);
    CHECK(command.summary.size() <= 80);
    CHECK_FALSE(command.exit_status.empty());
    if (command.commands.empty()) CHECK_FALSE(command.examples.empty());
    for (const std::string& example : command.examples) {
      CAPTURE(example);
      CHECK(example.contains("touchstone"));
    }
    const std::string help = help_text(command);
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      const bool is_example = line.starts_with("  ") && line.contains("touchstone");
      CHECK(line.size() <= (is_example ? help_columns + 20 : help_columns));
      CHECK_FALSE(line.ends_with(' '));
    }
    CHECK(help.starts_with("Usage: " + command.name));
  });
  CHECK(seen > 10);
}

TEST_CASE("every option and argument is described, without leftovers of the parser", "[help]") {
  const std::regex leftover(R"((^|[^A-Z])(UINT|INT|FLOAT|BOOLEAN|REQUIRED|Excludes|Needs|ENUM)\b)");
  each_command([&](const CommandInfo& command) {
    CHECK_FALSE(std::regex_search(help_text(command), leftover));
    std::vector<OptionInfo> all = command.arguments;
    all.insert(all.end(), command.options.begin(), command.options.end());
    for (const OptionInfo& option : all) {
      CAPTURE(command.name, option.names.back());
      CHECK_FALSE(option.description.empty());
      CHECK_FALSE(option.value.contains('{'));
      CHECK((option.values != Values::listed || !option.listed.empty()));
    }
  });
}

TEST_CASE("a description is read as summary, text, exit status and examples", "[help]") {
  CLI::App app(
      "Do a thing. And say\nso.\n\nMore of\nit.\n\n  kept\n    as it is\n\n"
      "Exit status: 0 done,\n1 not.\n\nExamples:\n  touchstone a\n  touchstone b \\\n    c",
      "thing");
  app.add_option("--hidden")->group("");
  app.add_option("--level")->check(CLI::IsMember({"low", "high"}))->type_name("LEVEL");

  const CommandInfo command = describe_command(app, "thing");

  CHECK(command.summary == "Do a thing");
  REQUIRE(command.body.size() == 3);
  CHECK(command.body[0].text == "And say so.");
  CHECK(command.body[1].text == "More of it.");
  CHECK(command.body[2].as_is);
  CHECK(command.exit_status == "0 done, 1 not");
  CHECK(command.examples == std::vector<std::string>{"touchstone a", "touchstone b \\\n  c"});
  REQUIRE(command.options.size() == 2);
  CHECK(command.options[1].value == "LEVEL");
  CHECK(command.options[1].values == Values::listed);
  CHECK(command.options[1].listed == std::vector<std::string>{"low", "high"});
}

TEST_CASE("what is misspelt is told, with the nearest name", "[help]") {
  struct Row {
    const char* why;
    std::vector<std::string> words;
    std::string message;
    std::string hint;
  };
  const auto row = GENERATE(values<Row>({
      {"a command", {"verfy"}, "touchstone has no command \"verfy\"", "did you mean verify?"},
      {"a command cut short", {"expl"}, "no command \"expl\"", "did you mean explain?"},
      {"letters swapped", {"sing"}, "no command \"sing\"", "did you mean sign?"},
      {"a command's command", {"trust", "sow"}, "touchstone trust has no command", "mean show?"},
      {"an option", {"verify", "--platfrom", "a", "b"}, "no option \"--platfrom\"", "--platform?"},
      {"an option with a value", {"verify", "--ouput=json", "b"}, "\"--ouput\"", "--output?"},
      {"nothing near", {"frobnicate"}, "no command \"frobnicate\"", "see touchstone --help"},
      {"no such letter", {"sign", "-z", "b", "--key", "k"}, "\"-z\"", "see touchstone sign --help"},
      {"nothing", {}, "touchstone needs a command", "see touchstone --help"},
      {"no image", {"resolve"}, "touchstone resolve needs IMAGE", "touchstone resolve --help"},
      {"no value", {"verify", "i", "--key"}, "--key needs a value", "see touchstone verify --help"},
      {"too much", {"trust", "list", "x"}, "takes no argument \"x\"", "touchstone trust list"},
      {"terminal codes", {"\x1b[2J"}, "\\x1b[2J", "see touchstone --help"},
  }));
  CAPTURE(row.why);

  const Error error = misuse(row.words);

  CAPTURE(error.message, error.hint);
  CHECK(error.code == Code::usage_arguments);
  CHECK(error.message.contains(row.message));
  CHECK(error.hint.contains(row.hint));
}

TEST_CASE("a command that is named first is declared alone, and as it is among all", "[help]") {
  const Programs programs;
  const CommandInfo all = describe_command(programs.touchstone, "touchstone");
  REQUIRE(all.commands.size() > 10);
  for (const CommandInfo& command : all.commands) {
    CAPTURE(command.name);
    CLI::App app("", "touchstone");
    declare_commands(app, command.last_name());
    const CommandInfo one = describe_command(app, "touchstone");
    REQUIRE(one.commands.size() == 1);
    CHECK(help_text(one.commands.front()) == help_text(command));
  }
  for (const char* word : {"", "--help", "no-such-command", "verify-"}) {
    CAPTURE(word);
    CLI::App app("", "touchstone");
    declare_commands(app, word);
    CHECK(help_text(describe_command(app, "touchstone")) == help_text(all));
  }
}

}  // namespace touchstone::cli
