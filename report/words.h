// A verdict in words: what the forms for people have in common. One line each; safe to show, for
// every text of the report goes through printable() here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "judge/verdict.h"

namespace touchstone::report {

// What became of an image, for people. warned: a rule in audit mode let it pass, and would not
// have.
enum class Standing : std::uint8_t { accepted, warned, refused, undecided };
Standing standing(const judge::Verdict& verdict);
std::string_view standing_name(Standing standing);  // "accepted", "warned", "refused", "undecided"

// "accepted", "refused", "undecided": the verdict alone.
std::string_view decision_name(judge::Outcome outcome);

struct Counts {
  std::size_t accepted = 0;
  std::size_t warned = 0;
  std::size_t refused = 0;
  std::size_t undecided = 0;
};
Counts count(const judge::Report& report);
std::string describe(const Counts& counts);  // "3 images: 1 accepted, 2 refused"

std::string shown_name(const judge::ImageVerdict& image);  // pinned where that is known
std::string shown_reason(const judge::Verdict& verdict);   // empty where there is none
Code code_of(const judge::Verdict& verdict);  // of the reason; internal.error where one is missing
std::string shown_hint(const Error& error);   // its own, or that of its code
std::string shown_place(const judge::NamedAt& place);  // "deploy/app.yaml:12"
std::string rule_text(const judge::Verdict& verdict);  // "rule \"production\", in audit mode"

// "policy.yaml, serial 42, sha256:..."; "the command line" where no policy was.
std::string policy_text(const judge::PolicyNote& policy);

// A requirement and its parts, one a line, indented by two blanks a level; "+" is met, "-" is not,
// "?" could not be looked at. What was found stands beneath, behind a dot.
std::vector<std::string> tree_lines(const judge::Judgement& judgement);

// The lines about one image for the terminal, without the program's name: what was decided, by
// which rule, why, what to do. With the tree where `explain`.
std::vector<std::string> describe(const judge::ImageVerdict& image, bool explain);

}  // namespace touchstone::report
