#include "policy/format.h"

#include <catch2/catch.hpp>

namespace touchstone::policy {

TEST_CASE("a policy is tidied, and says what it said", "[format]") {
  struct Row {
    const char* why;
    std::string text;
    std::string tidy;
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {"blanks at the end", "a: 1  \nb: 2", "a: 1\nb: 2\n"},
      {"line ends", "a: 1\r\nb: 2\r\n", "a: 1\nb: 2\n"},
      {"empty lines", "\n\na: 1\n\n\n\nb: 2\n\n", "a: 1\n\nb: 2\n"},
      {"comments stay", "# one  \na: 1   # two \n", "# one\na: 1   # two\n"},
      {"order and spelling stay", "b: \"x\"\na: {c: 1}\n", "b: \"x\"\na: {c: 1}\n"},
      {"a text of several lines stays", "a: |\n  x  \n\n\n  y\nb: 1  \n",
       "a: |\n  x  \n\n\n  y\nb: 1  \n"},
      {"a folded text without blanks at the end", "a: >\n  x\n  y\nb: 1  \n",
       "a: >\n  x\n  y\nb: 1\n"},
  }));
  CAPTURE(row.why);
  const auto tidy = format_text(row.text, "policy.yaml");
  REQUIRE(tidy);
  CHECK(*tidy == row.tidy);
  CHECK(*format_text(*tidy, "policy.yaml") == *tidy);
}

TEST_CASE("what is no policy's text is not tidied", "[format]") {
  const auto tidy = format_text("a: [\n", "policy.yaml");
  REQUIRE_FALSE(tidy);
  CHECK(tidy.error().code == Code::policy_syntax);
}

}  // namespace touchstone::policy
