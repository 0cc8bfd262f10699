// Rules of a program that asks all that match an image, said in ours, where the most specific alone
// decides: each of our rules asks what all of theirs ask that could match its images.
//
// Never looser: where their patterns overlap and neither is inside the other, or where one cannot
// be said, more images than there are asked by both. A rule of theirs that only warns says nothing
// where another enforces.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "policy/foreign_draft.h"
#include "policy/image_pattern.h"

namespace touchstone::policy {

struct TheirRule {
  std::string name;
  formats::Json require;
  bool warns = false;
  std::vector<std::string> notes = {};
};

class JointRules {
 public:
  // Patterns that ours does not have are noted: the rule then holds for all images.
  void add(TheirRule rule, const std::vector<std::string>& patterns, ForeignDraft& draft);

  // Our rules, in the order of their patterns.
  // Errors: policy.foreign (more patterns than can be compared).
  Status write(ForeignDraft& draft);

 private:
  using Members = std::set<std::size_t>;  // of rules_

  struct Pattern {
    ImagePattern pattern;
    Members own;     // it stands in these
    Members joined;  // these are asked where it is the most specific
  };

  void join_overlapping();
  void join_ties();
  void write_rule(const Members& members, const std::vector<std::string>& patterns,
                  ForeignDraft& draft);

  std::vector<TheirRule> rules_;
  std::vector<Pattern> patterns_;
  Members everywhere_;
};

}  // namespace touchstone::policy
