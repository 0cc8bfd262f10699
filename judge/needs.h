// What of a rule has to be signed, walked in the order in which evidence about it is kept.
#pragma once

#include <functional>

#include "judge/decide.h"

namespace touchstone::judge {

// One need, without the cost of a Demand of its own. Refers to the rule.
struct NeedView {
  const policy::Signer& signer;
  std::string_view purpose;
  bool (*takes)(std::string_view predicate_type);  // null for signatures and a PredicateCheck
  bool newest_counts = false;
  const policy::Requirement* requirement = nullptr;
  const policy::Builder* builder = nullptr;
};

// Calls `visit` for each need of the rule, in the order of needs_of().
void each_need(const policy::Rule& rule, const std::function<void(const NeedView&)>& visit);

}  // namespace touchstone::judge
