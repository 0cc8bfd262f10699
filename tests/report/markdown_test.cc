// A summary in Markdown. That nothing stands outside code, hostile_texts_test.cc asserts.
#include "report/markdown.h"

#include <catch2/catch.hpp>

#include "tests/report/sample.h"

namespace touchstone::report {

TEST_CASE("a summary has a row for each image, and why for those not accepted", "[markdown]") {
  judge::Report report = test::plain_report();
  report.policy = {};
  const std::string text = to_markdown(report);
  CHECK(
      text.starts_with("## Image verification\n\n4 images: 1 accepted, 1 warned, 1 refused, 1 "
                       "undecided; judged by ` the command line `.\n"));
  CHECK(text.contains("| ❌ refused | ` " + report.images[2].pinned +
                      " ` | ` deploy/app.yaml:12 ` | ` production ` | ` nothing is attached ` (` "
                      "evidence.none `) |\n"));
  CHECK(text.contains("\n<details><summary>Why</summary>\n\n```text\nrefused: "));
  CHECK(text.contains("| ✅ accepted |"));
  CHECK(text.contains("| ⚠️ would be refused |"));
  CHECK(text.contains("| ❔ undecided |"));
}

TEST_CASE("a summary stays below what GitHub takes, and says so", "[markdown]") {
  judge::Report report = test::plain_report();
  report.images = std::vector<judge::ImageVerdict>(10'000, report.images[2]);
  const std::string text = to_markdown(report);
  CHECK(text.size() < 1 << 20);
  CHECK(text.ends_with("\nThe rest is left out here; the other reports have it.\n"));
}

}  // namespace touchstone::report
