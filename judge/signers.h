// Who is who among signers: for thresholds, which count people, keys or devices and not signatures.
//
// Two pieces of evidence are by the same signer when they are by the same key, wherever the key is
// kept and in whatever form it signed (XP-07); when they are by certificates of an instance for the
// same name, because keys of these live for one signature; and, as `distinct` says, when they are
// by the same name or by the same device. Being the same carries over: who is A by the key and B by
// the device is one signer with both.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "judge/verdict.h"
#include "policy/document.h"
#include "verify/evidence.h"

namespace touchstone::judge {

class Signers {
 public:
  // Tells apart by all of `ways`. With Distinct::device, who has no attested serial number is
  // nobody.
  Signers(std::span<const verify::Evidence* const> evidence,
          const std::set<policy::Distinct>& ways);

  std::size_t count() const { return count_; }

  // The signer with that key, counted from 0; absent for nobody.
  std::optional<std::size_t> of(const std::string& key_fingerprint) const;

 private:
  std::map<std::string, std::size_t> by_key_;
  std::size_t count_ = 0;
};

// A threshold, matched exactly: whether `count` of the parts are met by signers of whom none counts
// for two parts. Judgements are those of the parts, in their order.
// Errors: limit.count (too many signers to try all ways).
Result<bool> reaches(const policy::Threshold& threshold, std::span<const Judgement> parts,
                     const Signers& signers);

// The ways in which signers are told apart by the threshold and all within it.
std::set<policy::Distinct> ways_of(const policy::Threshold& threshold);

}  // namespace touchstone::judge
