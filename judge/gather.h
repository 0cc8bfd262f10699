// What is attached to one manifest, examined for all needs of a rule at once.
#pragma once

#include <span>

#include "judge/decide.h"
#include "verify/collect.h"
#include "verify/look_at.h"

namespace touchstone::judge {

// Needs that believe the same signers: a candidate is examined once for all of them.
class NeedGroups {
 public:
  explicit NeedGroups(const policy::Rule& rule);

  std::size_t needs() const { return needs_.size(); }
  bool any() const { return !needs_.empty(); }
  bool newest_counts() const;  // so that all candidates have to be looked at
  bool wants_hardware() const;
  verify::WantedContent content() const;  // what has to be collected

  // Examines the candidate for each group, and adds what became of it to the findings of each need
  // that it may be for. One that is of another kind, or fails and says of itself that it is, is
  // nobody's. True: it holds, for one of the groups at least.
  bool look_at(const verify::Candidate& candidate, const verify::Artifact& artifact,
               const verify::AttachedAttestations& attached, std::chrono::sys_seconds now,
               std::span<std::vector<verify::Finding>> findings) const;

 private:
  struct Group {
    verify::Demand demand;
    std::vector<std::size_t> members;  // needs
  };
  bool takes(std::size_t need, std::string_view predicate_type) const;

  std::vector<Need> needs_;
  std::vector<Group> groups_;
};

// Whether two demands believe the same signers, whatever the content.
bool same_signers(const verify::Demand& a, const verify::Demand& b);

}  // namespace touchstone::judge
