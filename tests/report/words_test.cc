// Verdicts in words.
#include "report/words.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "tests/report/sample.h"

namespace touchstone::report {
namespace {

using judge::Judgement;
using judge::Outcome;

Judgement leaf(std::string wanted, Outcome outcome) {
  Judgement judgement;
  judgement.kind = "signatures";
  judgement.wanted = std::move(wanted);
  judgement.outcome = outcome;
  if (outcome == Outcome::deny) judgement.reason = Error{Code::evidence_none, "there is none", ""};
  if (outcome == Outcome::error) {
    judgement.reason = Error{Code::network_timeout, "no answer", ""};
  }
  return judgement;
}

}  // namespace

TEST_CASE("a tree of requirements is told a line each", "[words]") {
  Judgement tree;
  tree.kind = "any_of";
  tree.outcome = Outcome::deny;
  tree.reason = Error{Code::rule_alternatives, "none of 3 is met", ""};
  tree.parts = {leaf("by alice", Outcome::deny), leaf("by bob", Outcome::error),
                leaf("by carol", Outcome::allow)};
  tree.parts[2].found = {"by carol, at noon"};
  CHECK(join(tree_lines(tree), "\n") ==
        "- any_of\n"
        "  none of 3 is met (rule.alternatives)\n"
        "  - signatures: by alice\n"
        "    there is none (evidence.none)\n"
        "  ? signatures: by bob\n"
        "    no answer (network.timeout)\n"
        "  + signatures: by carol\n"
        "    . by carol, at noon");
}

TEST_CASE("an image is told with its rule, reason, place, hint and code", "[words]") {
  const judge::Report report = test::plain_report();
  const std::string pinned = report.images[2].pinned;
  CHECK(join(describe(report.images[2], false), "\n") ==
        "refused: " + pinned + "\n  rule \"production\"\n  nothing is attached\n" +
            "  named at deploy/app.yaml:12\nhint: " +
            std::string(code_info(Code::evidence_none).hint) + "\ncode: evidence.none");
  CHECK(join(describe(report.images[0], false), "\n") ==
        "accepted: " + pinned + "\n  rule \"production\"\n  named at deploy/app.yaml:12");
  const std::string warned = join(describe(report.images[1], false), "\n");
  CHECK(warned.starts_with("accepted: "));
  CHECK(warned.contains("warning: the rule lets it pass all the same"));
  CHECK(warned.contains("rule \"production\", in audit mode"));
  CHECK(join(describe(report.images[2], true), "\n").contains("  - words: words\n"));
}

TEST_CASE("a run is counted by what became of its images", "[words]") {
  struct Row {
    Counts counts;
    const char* text;
  };
  const auto row = GENERATE(values<Row>({
      {{}, "0 images"},
      {{1, 0, 0, 0}, "1 image: 1 accepted"},
      {{1, 0, 2, 0}, "3 images: 1 accepted, 2 refused"},
      {{0, 1, 0, 4}, "5 images: 1 warned, 4 undecided"},
  }));
  CHECK(describe(row.counts) == row.text);
  const Counts counts = count(test::plain_report());
  CHECK(describe(counts) == "4 images: 1 accepted, 1 warned, 1 refused, 1 undecided");
}

TEST_CASE("a policy is named by all that tells it apart", "[words]") {
  CHECK(policy_text({}) == "the command line");
  CHECK(policy_text(test::filled_with("p").policy) ==
        "\"p\", p, serial 42, " + test::digest('c').to_string() + ", until 2027-01-15T08:00:00Z");
}

TEST_CASE("a hint is the error's own, or that of its code", "[words]") {
  CHECK(shown_hint({Code::evidence_none, "", "do this"}) == "do this");
  CHECK(shown_hint({Code::evidence_none, "", ""}) == code_info(Code::evidence_none).hint);
}

TEST_CASE("a rule says how it let the image pass", "[words]") {
  judge::Verdict verdict;
  CHECK(rule_text(verdict).empty());
  verdict.rule = "r";
  CHECK(rule_text(verdict) == "rule \"r\"");
  verdict.excepted = true;
  CHECK(rule_text(verdict) == "rule \"r\", by an exception");
}

}  // namespace touchstone::report
