// JUnit's XML.
#include "report/junit.h"

#include <catch2/catch.hpp>

#include "tests/report/sample.h"
#include "tests/support/strict_xml.h"

namespace touchstone::report {

TEST_CASE("a refusal is a failure, an undecided image an error, a warning skipped", "[junit]") {
  const auto xml = touchstone::test::StrictXml::parse(to_junit(test::plain_report()));
  REQUIRE(xml);
  const auto& suite = xml->at(1).attributes;
  CHECK(suite.at("tests") == "4");
  CHECK(suite.at("failures") == "1");
  CHECK(suite.at("errors") == "1");
  CHECK(suite.at("skipped") == "1");
  CHECK(suite.at("time") == "0.166");
  CHECK(suite.at("timestamp") == "2027-01-15T08:00:00");
  std::vector<std::string> names;
  for (const auto& element : *xml) names.push_back(element.name);
  CHECK(names == std::vector<std::string>{"testsuites", "testsuite", "properties", "property",
                                          "testcase", "testcase", "skipped", "testcase", "failure",
                                          "testcase", "error", "system-out", "system-err"});
  const auto& failed = xml->at(7);
  CHECK(failed.attributes.at("classname") == "production");
  CHECK(failed.attributes.at("name").starts_with("registry.example/shop/api@sha256:"));
  CHECK(failed.attributes.at("time") == "0.041");
  CHECK(xml->at(8).attributes.at("type") == "evidence.none");
  CHECK(xml->at(8).attributes.at("message") == "nothing is attached");
  CHECK(xml->at(8).text.contains("named at deploy/app.yaml:12"));
  CHECK_FALSE(xml->at(6).attributes.contains("type"));  // the schema knows none of skipped
}

TEST_CASE("without a policy the class is the command", "[junit]") {
  judge::Report report = test::plain_report();
  report.images[0].verdict.rule.clear();
  CHECK(to_junit(report).contains("<testcase classname=\"verify\""));
}

}  // namespace touchstone::report
