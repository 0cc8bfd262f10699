#include "policy/joint_rules.h"

#include <algorithm>

#include "base/text.h"

namespace touchstone::policy {
namespace {

using formats::Json;

constexpr std::size_t max_patterns = 1024;  // each is compared with each

// Whether the inner one decides wherever both match, so that the outer need not ask for it.
bool gives_way(const ImagePattern& outer, const ImagePattern& inner) {
  return outer.covers(inner) && inner.compare_specificity(outer) > 0;
}

}  // namespace

void JointRules::add(TheirRule rule, const std::vector<std::string>& patterns,
                     ForeignDraft& draft) {
  const std::size_t index = rules_.size();
  for (const std::string& text : patterns) {
    auto pattern = ImagePattern::parse(text);
    if (!pattern) {
      draft.note("the pattern \"" + text + "\" cannot be said: \"" + rule.name +
                 "\" is asked for all images");
      everywhere_.insert(index);
      continue;
    }
    const auto same = [&](const Pattern& each) { return each.pattern.text() == pattern->text(); };
    const auto known = std::ranges::find_if(patterns_, same);
    if (known != patterns_.end()) {
      known->own.insert(index);
    } else {
      patterns_.push_back({*std::move(pattern), {index}, {}});
    }
  }
  rule.notes = draft.take_notes();
  rules_.push_back(std::move(rule));
}

void JointRules::join_overlapping() {
  for (Pattern& one : patterns_) {
    one.joined = everywhere_;
    for (const Pattern& other : patterns_) {
      if (!one.pattern.overlaps(other.pattern) || gives_way(one.pattern, other.pattern)) continue;
      one.joined.insert(other.own.begin(), other.own.end());
    }
  }
}

// Patterns that tie stand in one rule of ours, which asks what all of them ask.
void JointRules::join_ties() {
  for (bool changed = true; changed;) {
    changed = false;
    for (Pattern& one : patterns_) {
      for (const Pattern& other : patterns_) {
        if (!one.pattern.ties_with(other.pattern)) continue;
        const std::size_t before = one.joined.size();
        one.joined.insert(other.joined.begin(), other.joined.end());
        changed = changed || one.joined.size() > before;
      }
    }
  }
}

Status JointRules::write(ForeignDraft& draft) {
  if (patterns_.size() > max_patterns) {
    return Error{Code::policy_foreign,
                 "more than " + std::to_string(max_patterns) + " patterns for images", ""};
  }
  join_overlapping();
  join_ties();
  std::vector<bool> written(patterns_.size(), false);
  for (std::size_t i = 0; i < patterns_.size(); ++i) {
    if (written[i]) continue;
    std::vector<std::string> texts;
    for (std::size_t j = i; j < patterns_.size(); ++j) {
      if (patterns_[j].joined != patterns_[i].joined) continue;
      texts.push_back(patterns_[j].pattern.text());
      written[j] = true;
    }
    write_rule(patterns_[i].joined, texts, draft);
  }
  for (const std::size_t i : everywhere_) draft.put_notes(std::exchange(rules_[i].notes, {}));
  return ok();
}

void JointRules::write_rule(const Members& members, const std::vector<std::string>& patterns,
                            ForeignDraft& draft) {
  const auto warns = [&](std::size_t i) { return rules_[i].warns; };
  const bool all_warn = std::ranges::all_of(members, warns);
  std::vector<std::string> names;
  std::vector<Json> parts;
  for (const std::size_t i : members) {
    draft.put_notes(std::exchange(rules_[i].notes, {}));  // once
    if (rules_[i].warns && !all_warn) {
      draft.note("\"" + rules_[i].name + "\" only warns, and says nothing where others enforce");
      continue;
    }
    names.push_back(rules_[i].name);
    parts.push_back(rules_[i].require);
  }
  draft.rule(join(names, " and "), patterns, joined("all_of", std::move(parts)), all_warn);
}

}  // namespace touchstone::policy
