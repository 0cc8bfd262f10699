// Annotations on GitHub.
#include "report/github.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/text.h"
#include "tests/report/sample.h"

namespace touchstone::report {

TEST_CASE("an annotation stands where the file names the image", "[github]") {
  judge::Report report = test::plain_report();
  report.images = {report.images[2]};
  CHECK(to_github(report) ==
        "::error title=refused (evidence.none),file=deploy/app.yaml,line=12::" +
            report.images[0].pinned + ": nothing is attached (rule \"production\")\n" +
            "::notice title=touchstone::1 image: 1 refused\n");
  report.images[0].named_at = {{"a,b:c%.yaml", 0}};
  CHECK(to_github(report).contains(",file=a%2Cb%3Ac%25.yaml::"));
  report.images[0].named_at = {{"-", 4}};  // standard input is no file
  CHECK(to_github(report).starts_with("::error title=refused (evidence.none)::"));
}

TEST_CASE("past ten of a level, the last one counts the rest", "[github]") {
  struct Row {
    std::size_t images;
    std::ptrdiff_t errors;
  };
  const auto row = GENERATE(values<Row>({{1, 1}, {10, 10}, {11, 10}, {500, 10}}));
  judge::Report report = test::plain_report();
  report.images = std::vector(row.images, report.images[2]);
  const std::string text = to_github(report);
  const auto lines = split(text, '\n');
  CHECK(std::ranges::count_if(lines, [](std::string_view line) {
          return line.starts_with("::error ");
        }) == row.errors);
  CHECK(text.contains(std::to_string(row.images - 9) + " more images are not shown here") ==
        (row.images > 10));
}

}  // namespace touchstone::report
