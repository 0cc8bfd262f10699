// Verification summaries: what slsa-verifier and our own requirement read of them.
#include "report/vsa.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "formats/statement.h"
#include "formats/verification_summary.h"
#include "tests/report/sample.h"

namespace touchstone::report {
namespace {

constexpr std::string_view verifier = "https://gate.example/production";

struct Read {
  formats::Statement statement;
  formats::VerificationSummary summary;
};

std::vector<Read> read(const judge::Report& report, const formats::Json* demanded = nullptr) {
  std::vector<Read> all;
  for (const SummaryStatement& made : summaries({report, "1.2.3", verifier, demanded})) {
    auto statement = formats::Statement::parse(as_bytes(made.text));
    REQUIRE(statement);
    CHECK(statement->find({made.image}) != nullptr);
    CHECK(formats::VerificationSummary::is_type(statement->predicate_type));
    auto summary = formats::VerificationSummary::parse(statement->predicate);
    REQUIRE(summary);
    all.push_back({*std::move(statement), *std::move(summary)});
  }
  return all;
}

// The report of one accepted image with provenance of `level`.
judge::Report accepted(unsigned level) {
  judge::Report report = test::plain_report();
  report.images.resize(1);
  judge::Judgement& tree = *report.images[0].verdict.tree;
  tree.outcome = judge::Outcome::allow;
  tree.parts[0].outcome = judge::Outcome::allow;
  tree.parts[0].build_level = level;
  return report;
}

}  // namespace

TEST_CASE("an accepted image has passed, at the level that was established", "[vsa]") {
  const unsigned level = GENERATE(0u, 2u, 3u);
  const judge::Report report = accepted(level);
  const auto made = read(report);
  REQUIRE(made.size() == 1);
  const formats::VerificationSummary& summary = made[0].summary;
  CHECK(summary.verifier == verifier);
  CHECK(summary.verifier_version.at("touchstone") == "1.2.3");
  CHECK(summary.verified == test::now);
  CHECK(summary.resource_uri == "oci://" + report.images[0].pinned);
  CHECK(summary.policy.uri == "words");
  CHECK(summary.policy.digest.at("sha256") == std::string(64, 'c'));
  CHECK(summary.input_attestations.empty());
  CHECK(summary.passed);
  CHECK(summary.levels == std::vector<std::string>{"SLSA_BUILD_LEVEL_" + std::to_string(level)});
  CHECK(made[0].statement.subjects[0].name == report.images[0].pinned);
}

TEST_CASE("a level counts only where its requirement is met", "[vsa]") {
  judge::Report report = accepted(3);
  report.images[0].verdict.tree->parts[0].outcome = judge::Outcome::deny;
  CHECK(read(report)[0].summary.levels == std::vector<std::string>{"SLSA_BUILD_LEVEL_0"});
}

TEST_CASE("nothing but a plain acceptance has passed", "[vsa]") {
  struct Row {
    const char* why;
    std::function<void(judge::Verdict&)> change;
  };
  const auto row = GENERATE(values<Row>({
      {"refused", [](judge::Verdict& verdict) { verdict.outcome = judge::Outcome::deny; }},
      {"in audit mode", [](judge::Verdict& verdict) { verdict.would_deny = true; }},
      {"by an exception", [](judge::Verdict& verdict) { verdict.excepted = true; }},
  }));
  CAPTURE(row.why);
  judge::Report report = accepted(3);
  row.change(report.images[0].verdict);
  const auto made = read(report);
  REQUIRE(made.size() == 1);
  CHECK_FALSE(made[0].summary.passed);
  CHECK(made[0].summary.levels == std::vector<std::string>{"FAILED"});
}

TEST_CASE("nothing is said of an image that could not be looked at", "[vsa]") {
  judge::Report report = accepted(3);
  report.images[0].verdict.outcome = judge::Outcome::error;
  CHECK(read(report).empty());
  report = accepted(3);
  report.images[0].digest.reset();
  CHECK(read(report).empty());
}

TEST_CASE("without a policy the demand stands for it, the same for every image and time", "[vsa]") {
  judge::Report report = accepted(0);
  report.policy = {};
  const auto digest_of = [&](const char* text) {
    const auto demanded = formats::parse_json(as_bytes(std::string_view(text)), 1 << 20);
    REQUIRE(demanded);
    const auto made = read(report, &*demanded);
    CHECK(made[0].summary.policy.uri == "urn:touchstone:demand");
    return made[0].summary.policy.digest.at("sha256");
  };
  const std::string first =
      digest_of(R"({"time":"a","exitStatus":0,"signers":["k"],"images":[1]})");
  CHECK(digest_of(R"({"time":"b","exitStatus":1,"signers":["k"],"images":[]})") == first);
  CHECK(digest_of(R"({"time":"a","exitStatus":0,"signers":["l"],"images":[1]})") != first);
}

TEST_CASE("a layout's folder has a URI of its own, and each statement a line", "[vsa]") {
  judge::Report report = test::plain_report();
  report.images[0].pinned = "oci-layout:dir@" + test::digest('a').to_string();
  CHECK(read(report)[0].summary.resource_uri == report.images[0].pinned);
  const std::string text = to_vsa({report, "1", verifier, nullptr});
  CHECK(split(text, '\n').size() == 3 + 1);  // accepted, warned, refused
}

}  // namespace touchstone::report
