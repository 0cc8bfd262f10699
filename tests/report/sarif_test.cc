// SARIF.
#include "report/sarif.h"

#include <catch2/catch.hpp>

#include "formats/json_fields.h"
#include "tests/report/sample.h"

namespace touchstone::report {
namespace {

using formats::Json;

Json run_of(const judge::Report& report) {
  const auto log = formats::parse_json(
      as_bytes(to_sarif({report, "1.2.3", "https://gate.example/prod", nullptr})), 256 << 20);
  REQUIRE(log);
  CHECK(*log->find("version")->string() == "2.1.0");
  return log->find("runs")->array()->at(0);
}

const Json::Array& results_of(const Json& run) { return *run.find("results")->array(); }

const Json& at(const Json& json, std::string_view path) {
  const Json* found = &json;
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    found = found->array() != nullptr ? &found->array()->at(std::stoul(std::string(name)))
                                      : found->find(name);
    REQUIRE(found != nullptr);
  }
  return *found;
}

std::string text_at(const Json& json, std::string_view path) { return *at(json, path).string(); }

constexpr std::string_view uri = "locations.0.physicalLocation.artifactLocation.uri";

}  // namespace

TEST_CASE("every image that is not simply accepted is a result", "[sarif]") {
  const Json run = run_of(test::plain_report());
  REQUIRE(results_of(run).size() == 3);
  CHECK(text_at(run, "results.0.level") == "warning");
  CHECK(text_at(run, "results.1.level") == "error");
  CHECK(text_at(run, "results.2.level") == "error");
  CHECK(text_at(run, "results.1.ruleId") == "evidence.none");
  CHECK(text_at(run, "results.1.properties.decision") == "refused");
  CHECK(text_at(run, "results.2.properties.decision") == "undecided");
}

TEST_CASE("rules are the codes that came up, once each", "[sarif]") {
  const Json run = run_of(test::plain_report());
  const Json& rules = at(run, "tool.driver.rules");
  REQUIRE(rules.array()->size() == 2);
  CHECK(text_at(rules, "0.id") == "network.unreachable");
  CHECK(text_at(rules, "0.properties.security-severity") == "5.0");
  CHECK(text_at(rules, "1.id") == "evidence.none");
  CHECK(text_at(rules, "1.properties.security-severity") == "8.0");
  CHECK(text_at(rules, "1.help.text") == code_info(Code::evidence_none).hint);
  CHECK(*at(run, "results.0.ruleIndex").unsigned_integer() == 0);
  CHECK(*at(run, "results.1.ruleIndex").unsigned_integer() == 1);
  CHECK(*at(run, "results.2.ruleIndex").unsigned_integer() == 0);
}

TEST_CASE("a location is always there", "[sarif]") {
  struct Row {
    const char* why;
    std::vector<judge::NamedAt> places;
    std::string uri;
    std::uint64_t line;
  };
  const auto row = GENERATE(values<Row>({
      {"none", {}, "image/registry.example/shop/api", 1},
      {"standard input", {{"-", 7}}, "image/registry.example/shop/api", 1},
      {"a file", {{"deploy/app.yaml", 12}}, "deploy/app.yaml", 12},
      {"from here", {{"./deploy/app.yaml", 12}}, "deploy/app.yaml", 12},
      {"absolute", {{"/srv/app.yaml", 12}}, "file:///srv/app.yaml", 12},
      {"no line", {{"app.yaml", 0}}, "app.yaml", 1},
      {"not plain", {{"a b%:#?.yaml", 1}}, "a%20b%25%3a%23%3f.yaml", 1},
      {"no ASCII", {{"\xC3\xA9.yaml", 1}}, "%c3%a9.yaml", 1},
  }));
  CAPTURE(row.why);
  judge::Report report = test::plain_report();
  report.images = {report.images[2]};
  report.images[0].named_at = row.places;
  const Json run = run_of(report);
  const Json& result = results_of(run).at(0);
  CHECK(text_at(result, uri) == row.uri);
  CHECK(*at(result, "locations.0.physicalLocation.region.startLine").unsigned_integer() ==
        row.line);
  CHECK(text_at(result, "locations.0.logicalLocations.0.fullyQualifiedName") ==
        report.images[0].pinned);
}

TEST_CASE("every place that names the image has to change, up to a hundred", "[sarif]") {
  judge::Report report = test::plain_report();
  report.images = {report.images[2]};
  report.images[0].named_at = std::vector<judge::NamedAt>(101, {"app.yaml", 1});
  const Json run = run_of(report);
  CHECK(at(run, "results.0.locations").array()->size() == 100);
}

TEST_CASE("an alert lasts while rule, repository and policy rule do", "[sarif]") {
  const auto fingerprint = [](const auto& change) {
    judge::Report report = test::plain_report();
    report.images = {report.images[2]};
    change(report.images[0]);
    const Json run = run_of(report);
    return text_at(run, "results.0.partialFingerprints.touchstone/v1");
  };
  const std::string first = fingerprint([](judge::ImageVerdict&) {});
  CHECK(first.size() == 64);
  CHECK(fingerprint([](judge::ImageVerdict& image) {
          image.reference = "registry.example/shop/api:2";
          image.digest = test::digest('b');
          image.pinned = "registry.example/shop/api@" + image.digest->to_string();
          image.named_at = {};
        }) == first);
  CHECK(fingerprint([](judge::ImageVerdict& image) {
          image.reference = "registry.example/shop/web:1";
        }) != first);
  CHECK(fingerprint([](judge::ImageVerdict& image) { image.verdict.rule = "other"; }) != first);
  CHECK(fingerprint([](judge::ImageVerdict& image) {
          image.verdict.reason->code = Code::identity_mismatch;
        }) != first);
}

TEST_CASE("no more results than code scanning takes", "[sarif]") {
  judge::Report report = test::plain_report();
  judge::ImageVerdict refused = report.images[2];
  refused.verdict.tree.reset();
  refused.verdict.evidence.clear();
  report.images = std::vector(max_sarif_results + 2, refused);
  const std::string text = to_sarif(
      {report, "1.2.3", "https://gate.example/prod", nullptr});  // more than parse_json() takes
  std::size_t results = 0;
  for (std::size_t at = text.find("\"ruleId\""); at != std::string::npos;
       at = text.find("\"ruleId\"", at + 1)) {
    ++results;
  }
  CHECK(results == max_sarif_results);
  CHECK(text.contains("2 results are left out"));
}

}  // namespace touchstone::report
