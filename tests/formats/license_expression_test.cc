// Whether a package can be used under licences that are acceptable.
#include "formats/license_expression.h"

#include <catch2/catch.hpp>
#include <string>

namespace touchstone::formats {

TEST_CASE("an expression is acceptable when a choice of its licences is", "[license]") {
  struct Row {
    std::string expression;
    bool acceptable;  // where MIT, BSD and GPL WITH Classpath are
  };
  const auto row = GENERATE(values<Row>({
      {"MIT", true},
      {"GPL", false},
      {"MIT AND BSD", true},
      {"MIT AND GPL", false},
      {"GPL AND MIT", false},
      {"MIT OR GPL", true},
      {"GPL OR MIT", true},
      {"GPL OR AGPL", false},
      {"GPL OR MIT AND BSD", true},
      {"MIT OR GPL AND GPL", true},
      {"GPL AND GPL OR MIT", true},
      {"GPL AND (GPL OR MIT)", false},
      {"(MIT)", true},
      {"((MIT AND (GPL OR BSD)))", true},
      {"(MIT AND(GPL)OR BSD)", true},
      {"GPL WITH Classpath", true},
      {"GPL WITH Other", false},
      {"MIT AND GPL WITH Classpath", true},
      {"  MIT\tOR\nGPL ", true},
      // No expressions: licences of that whole text.
      {"", false},
      {"MIT OR", false},
      {"OR MIT", false},
      {"AND", false},
      {"MIT BSD", false},
      {"(MIT", false},
      {"MIT)", false},
      {"()", false},
      {"MIT or GPL", false},
      {"MIT AND", false},
      {"MIT OR OR", false},
      {"MIT OR WITH", false},
      {"MIT WITH", false},
      {"WITH Classpath", false},
      {"GPL WITH (Classpath)", false},
      {"MIT OR (BSD", false},
  }));
  CAPTURE(row.expression);
  const LicenseTest test = [](std::string_view id, std::string_view exception) {
    if (id == "GPL") return exception == "Classpath";
    return exception.empty() && (id == "MIT" || id == "BSD");
  };
  CHECK(is_acceptable(row.expression, test) == row.acceptable);
}

TEST_CASE("what is no expression is tested as one text", "[license]") {
  std::string tested;
  CHECK(is_acceptable("MIT or so", [&](std::string_view id, std::string_view exception) {
    tested = id;
    return id == "MIT or so" && exception.empty();
  }));
  CHECK(tested == "MIT or so");
}

TEST_CASE("an expression that nests without end is one text", "[license]") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "MIT" + std::string(depth, ')');
  };
  const LicenseTest test = [](std::string_view id, std::string_view) { return id == "MIT"; };
  CHECK(is_acceptable(nested(64), test));
  CHECK_FALSE(is_acceptable(nested(65), test));
  CHECK_FALSE(is_acceptable(nested(1'000'000), test));
  CHECK(is_acceptable("(MIT) AND (MIT) AND " + nested(63), test));
}

}  // namespace touchstone::formats
