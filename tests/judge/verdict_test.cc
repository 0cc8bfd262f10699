// What a run as a whole says.
#include "judge/verdict.h"

#include <catch2/catch.hpp>

namespace touchstone::judge {
namespace {

ImageVerdict image(Outcome outcome, Code code = Code::evidence_none, bool would_deny = false) {
  ImageVerdict image;
  image.verdict.outcome = outcome;
  image.verdict.would_deny = would_deny;
  if (outcome != Outcome::allow || would_deny) image.verdict.reason = Error{code, "why", ""};
  return image;
}

const ImageVerdict allowed = image(Outcome::allow);
const ImageVerdict warned = image(Outcome::allow, Code::evidence_none, true);
const ImageVerdict denied = image(Outcome::deny);
const ImageVerdict unreachable = image(Outcome::error, Code::network_unreachable);
const ImageVerdict misused = image(Outcome::error, Code::reference_malformed);

}  // namespace

TEST_CASE("the exit status of a run is that of its worst image", "[verdict]") {
  struct Row {
    const char* why;
    std::vector<ImageVerdict> images;
    int status;
  };
  const auto row = GENERATE(values<Row>({
      {"none", {}, 0},
      {"allowed", {allowed}, 0},
      {"let pass in audit mode", {warned}, 0},
      {"denied", {allowed, denied}, 1},
      {"not looked at", {allowed, unreachable}, 3},
      {"denied before not looked at", {unreachable, denied}, 1},
      {"denied, whatever the reason", {image(Outcome::deny, Code::reference_malformed)}, 1},
      {"wrong usage before the network", {unreachable, misused, unreachable}, 2},
  }));
  CAPTURE(row.why);
  CHECK(exit_status(Report{{}, {}, row.images}) == row.status);
}

TEST_CASE("outcomes have the names of the decision record", "[verdict]") {
  CHECK(outcome_name(Outcome::allow) == "allow");
  CHECK(outcome_name(Outcome::deny) == "deny");
  CHECK(outcome_name(Outcome::error) == "error");
}

TEST_CASE("a policy is noted by what tells it apart", "[verdict]") {
  policy::Document document;
  document.name = "shop";
  document.source = "policy.yaml";
  document.serial = 42;
  document.digest = *Digest::parse("sha256:" + std::string(64, 'a'));
  document.material = *Digest::parse("sha256:" + std::string(64, 'b'));
  document.expires = std::chrono::sys_seconds(std::chrono::seconds(1));
  const PolicyNote note = PolicyNote::of(document);
  CHECK(note.name == "shop");
  CHECK(note.source == "policy.yaml");
  CHECK(note.serial == 42);
  CHECK(note.digest == document.digest);
  CHECK(note.material == document.material);
  CHECK(note.expires == document.expires);
}

}  // namespace touchstone::judge
