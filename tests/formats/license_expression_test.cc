// Whether a package can be used under licences that are acceptable.
#include "formats/license_expression.h"

#include <catch2/catch.hpp>
#include <string>

namespace touchstone::formats {
namespace {

const LicenseTest none = [](std::string_view, std::string_view) { return false; };

}  // namespace

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
  CHECK(is_acceptable(row.expression, none, test) == row.acceptable);
}

TEST_CASE("what is no expression is tested as one text", "[license]") {
  std::string tested;
  CHECK(is_acceptable("MIT or so", none, [&](std::string_view id, std::string_view exception) {
    tested = id;
    return id == "MIT or so" && exception.empty();
  }));
  CHECK(tested == "MIT or so");
}

TEST_CASE("what is no expression hides no licence that is denied", "[license]") {
  const LicenseTest denied = [](std::string_view id, std::string_view) { return id == "GPL"; };
  const LicenseTest any = [](std::string_view, std::string_view) { return true; };
  for (const char* text : {"GPL", "MIT and GPL", "GPL AND", "(GPL", "GPL MIT", "MIT AND GPL"}) {
    CAPTURE(text);
    CHECK_FALSE(is_acceptable(text, denied, any));
  }
  CHECK_FALSE(is_acceptable(std::string(65, '(') + "GPL" + std::string(65, ')'), denied, any));
  for (const char* text : {"", "MIT", "MIT and BSD", "MIT OR GPL", "GPLv3 or so"}) {
    CAPTURE(text);
    CHECK(is_acceptable(text, denied, any));
  }
}

TEST_CASE("an expression that nests without end is one text", "[license]") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "MIT" + std::string(depth, ')');
  };
  const LicenseTest test = [](std::string_view id, std::string_view) { return id == "MIT"; };
  CHECK(is_acceptable(nested(64), none, test));
  CHECK_FALSE(is_acceptable(nested(65), none, test));
  CHECK_FALSE(is_acceptable(nested(1'000'000), none, test));
  CHECK(is_acceptable("(MIT) AND (MIT) AND " + nested(63), none, test));
}

}  // namespace touchstone::formats
