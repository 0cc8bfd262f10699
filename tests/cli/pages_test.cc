// Manual pages, completions and the reference page against the declarations.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/files.h"
#include "cli/completion.h"
#include "cli/pages/manual.h"
#include "tests/support/programs.h"

namespace touchstone::cli {
namespace {

using test::each_command;

std::string escaped_hyphens(const std::string& name) {
  std::string text;
  for (const char c : name) text += c == '-' ? std::string("\\-") : std::string(1, c);
  return text;
}

// A program with what must be in no page.
CommandInfo odd_program() {
  CLI::App app("Do it. And 'so' it is.\n\n.SH NOT A SECTION\n\n  a\\b\n  .B c", "odd");
  app.add_option("--hidden", "nobody sees this")->group("");
  app.add_subcommand("secret", "nobody runs this")->group("");
  app.add_subcommand("shown", "Show it's \\ there");
  app.add_option("--level", "how: much")->check(CLI::IsMember({"low", "high"}))->type_name("LEVEL");
  return describe_command(app, "odd");
}

}  // namespace

TEST_CASE("each command has a page with every option, and its sections", "[pages]") {
  const auto programs = all_programs();
  std::size_t seen = 0;
  each_command([&](const CommandInfo& command) {
    const std::string page = manual_page(command, programs, "2026-01-31");
    CAPTURE(command.name, page);
    ++seen;
    for (const char* section : {".SH NAME\n", ".SH SYNOPSIS\n", ".SH DESCRIPTION\n",
                                ".SH OPTIONS\n", ".SH EXIT STATUS\n", ".SH SEE ALSO\n"}) {
      CHECK(page.contains(section));
    }
    CHECK(page.contains(".SH EXAMPLES\n") == !command.examples.empty());
    for (const OptionInfo& option : command.options) {
      for (const std::string& name : option.names) CHECK(page.contains(escaped_hyphens(name)));
    }
  });
  CHECK(seen > 10);
}

TEST_CASE("text cannot become a command of roff", "[pages]") {
  const CommandInfo odd = odd_program();
  const std::string page = manual_page(odd, {odd}, "2026-01-31");
  CAPTURE(page);
  CHECK(page.contains("\\&.SH NOT A SECTION"));
  CHECK(page.contains("a\\eb"));
  CHECK(page.contains("And \\(aqso\\(aq it is"));
  CHECK_FALSE(page.contains("\n.B c"));
}

TEST_CASE("what is hidden is in no page and no completion", "[pages]") {
  const CommandInfo odd = odd_program();
  for (const std::string& text :
       {manual_page(odd, {odd}, "2026-01-31"), completion_script(Shell::bash, {odd}),
        completion_script(Shell::zsh, {odd}), completion_script(Shell::fish, {odd}),
        reference_page({odd})}) {
    CAPTURE(text);
    CHECK(text.contains("shown"));
    CHECK_FALSE(text.contains("secret"));
    CHECK_FALSE(text.contains("hidden"));
  }
}

TEST_CASE("the reference page is the help of every command", "[pages]") {
  const std::string path = TOUCHSTONE_SOURCE_DIR "/docs/reference/command-line.md";
  const std::string page = reference_page(all_programs());
  if (std::getenv("TOUCHSTONE_UPDATE") != nullptr) std::ofstream(path) << page;
  const auto written = read_file(path, 1 << 20);
  REQUIRE(written);
  CHECK(std::string(as_text(*written)) == page);
}

}  // namespace touchstone::cli
