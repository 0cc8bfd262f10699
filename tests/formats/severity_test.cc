// Grades of vulnerabilities: names and scores, and nothing guessed.
#include "formats/severity.h"

#include <catch2/catch.hpp>
#include <limits>
#include <string>

namespace touchstone::formats {

TEST_CASE("severities are told by name or score", "[severity]") {
  struct Row {
    std::string text;
    std::optional<Severity> severity;
  };
  const auto row = GENERATE(values<Row>({
      {"CRITICAL", Severity::critical},
      {"severe", Severity::critical},
      {"High", Severity::high},
      {"Important", Severity::high},
      {"medium", Severity::medium},
      {"Moderate", Severity::medium},
      {"low", Severity::low},
      {"minor", Severity::low},
      {"Negligible", Severity::low},
      {"unimportant", Severity::low},
      {"none", Severity::none},
      {"0.0", Severity::none},
      {"0.1", Severity::low},
      {"3.9", Severity::low},
      {"4", Severity::medium},
      {"6.9", Severity::medium},
      {"7.0", Severity::high},
      {"8.9", Severity::high},
      {"9.0", Severity::critical},
      {"10.0", Severity::critical},
      {"10.1", std::nullopt},
      {"-1", std::nullopt},
      {"nan", std::nullopt},
      {"inf", std::nullopt},
      {"5.2 ", std::nullopt},
      {" 5.2", std::nullopt},
      {"5,2", std::nullopt},
      {"UNKNOWN", std::nullopt},
      {"", std::nullopt},
      {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", std::nullopt},
  }));
  CAPTURE(row.text);
  CHECK(parse_severity(row.text) == row.severity);
  if (row.severity) CHECK(parse_severity(severity_name(*row.severity)) == row.severity);
}

TEST_CASE("what is no number has no severity", "[severity]") {
  CHECK_FALSE(severity_of_score(std::numeric_limits<double>::quiet_NaN()));
}

}  // namespace touchstone::formats
