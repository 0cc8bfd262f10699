#include "report/junit.h"

#include "base/time.h"
#include "report/markup.h"
#include "report/words.h"

namespace touchstone::report {
namespace {

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + markup_text(value) + "\"";
}

// Decimal, whatever the locale: "0.041".
std::string seconds(std::chrono::microseconds time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time).count();
  return std::to_string(milliseconds / 1000) + "." +
         std::to_string(1000 + milliseconds % 1000).substr(1);
}

// Which element says what became of the image; none for an accepted one.
std::string_view element(Standing standing) {
  switch (standing) {
    case Standing::accepted:
      return "";
    case Standing::warned:
      return "skipped";
    case Standing::refused:
      return "failure";
    case Standing::undecided:
      return "error";
  }
  return "";
}

std::string outcome(const judge::ImageVerdict& image) {
  const Standing standing = report::standing(image.verdict);
  const std::string name(element(standing));
  if (name.empty()) return "";
  std::string text = "      <" + name + attribute("message", shown_reason(image.verdict));
  if (standing != Standing::warned) text += attribute("type", slug(code_of(image.verdict)));
  text += ">";
  for (const std::string& line : describe(image, true)) text += markup_text(line) + "\n";
  return text + "</" + name + ">\n";
}

std::string test_case(const judge::ImageVerdict& image) {
  const std::string& rule = image.verdict.rule;
  const std::string head =
      "    <testcase" + attribute("classname", rule.empty() ? "verify" : rule) +
      attribute("name", shown_name(image)) + attribute("time", seconds(image.latency));
  const std::string body = outcome(image);
  return body.empty() ? head + "/>\n" : head + ">\n" + body + "    </testcase>\n";
}

}  // namespace

std::string to_junit(const judge::Report& report) {
  const Counts counts = count(report);
  std::chrono::microseconds total{0};
  std::string cases;
  for (const judge::ImageVerdict& image : report.images) {
    total += image.latency;
    cases += test_case(image);
  }
  // The schema's times have no zone, and it wants a host though none matters.
  std::string timestamp = to_rfc3339(report.time);
  timestamp.pop_back();
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite" +
         attribute("name", "touchstone") + attribute("package", "touchstone") +
         attribute("id", "0") + attribute("timestamp", timestamp) +
         attribute("hostname", "localhost") +
         attribute("tests", std::to_string(report.images.size())) +
         attribute("failures", std::to_string(counts.refused)) +
         attribute("errors", std::to_string(counts.undecided)) +
         attribute("skipped", std::to_string(counts.warned)) + attribute("time", seconds(total)) +
         ">\n    <properties>\n      <property" + attribute("name", "policy") +
         attribute("value", policy_text(report.policy)) + "/>\n    </properties>\n" + cases +
         "    <system-out/>\n    <system-err/>\n  </testsuite>\n</testsuites>\n";
}

}  // namespace touchstone::report
