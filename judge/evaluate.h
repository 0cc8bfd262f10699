// A requirement and all within it, over the evidence about one image. Pure.
#pragma once

#include <chrono>
#include <span>

#include "judge/decide.h"

namespace touchstone::judge {

// `about` are the manifests whose evidence counts, any of them for each requirement: an index, one
// of its platforms, or both. Nothing is cut short: the tree shows every requirement.
//
// all_of: denied when a part is; else an error when a part is. any_of: met when a part is; else an
// error when a part is, for it might have been met. A threshold the same way.
Judgement evaluate(const policy::Rule& rule, const Evidence& evidence,
                   std::span<const ManifestEvidence* const> about, std::chrono::sys_seconds now);

// The judgement of parts that all have to be met, or of which one has.
Judgement all_met(std::string kind, std::string wanted, std::vector<Judgement> parts,
                  policy::Place place);
Judgement any_met(std::string kind, std::string wanted, std::vector<Judgement> parts,
                  policy::Place place);

}  // namespace touchstone::judge
