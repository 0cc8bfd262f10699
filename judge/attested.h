// What attestations that count say, and which of several decides.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/time.h"
#include "judge/leaf.h"

namespace touchstone::judge {

// The predicate of an attestation, read, and of what time it is.
template <class Content>
struct Attested {
  const verify::Evidence* evidence;
  Content content;
  std::optional<std::chrono::sys_seconds> time;  // absent: infinitely old
};

// Why attestations were passed over: the reason of the one that passed the most checks.
class Reasons {
 public:
  void add(Error error, std::size_t passed = 0) {
    if (reason_ && passed <= passed_) return;
    passed_ = passed;
    reason_ = std::move(error);
  }

  // `counted` says why nothing counts at all. What could not be looked at might have been good.
  Error take(const Counted& counted) && {
    if (counted.unseen) return *counted.unseen;
    if (reason_) return *std::move(reason_);
    if (counted.reason) return *counted.reason;
    return {Code::evidence_none, "no attestation of this type is attached", ""};
  }

 private:
  std::size_t passed_ = 0;
  std::optional<Error> reason_;
};

// The newest of those that count: one, or several of the same time (or of none), of which each has
// a say, for their order is nobody's to choose. `read(evidence)` gives an Attested, an error, or
// nothing for an attestation of another type. One that is malformed, or of a time to come, counts
// for nothing.
// Errors: why nothing counts; as read(); time.future.
template <class Content, class Read>
Result<std::vector<Attested<Content>>> newest(const Counted& counted, std::chrono::sys_seconds now,
                                              std::string_view what, const Read& read) {
  std::vector<Attested<Content>> best;
  Reasons reasons;
  for (const verify::Evidence* evidence : counted.good) {
    std::optional<Result<Attested<Content>>> attested = read(*evidence);
    if (!attested) continue;
    if (!*attested) {
      reasons.add(std::move(*attested).error());
      continue;
    }
    const auto time = (*attested)->time;
    if (time && *time > now + limits::clock_skew) {
      reasons.add(
          {Code::time_future,
           std::string(what) + " is of " + to_rfc3339(*time) + ", which is yet to come", ""},
          1);
      continue;
    }
    if (!best.empty() && time < best.front().time) continue;
    if (!best.empty() && time > best.front().time) best.clear();
    best.push_back(**std::move(attested));
  }
  if (best.empty()) return std::move(reasons).take(counted);
  return best;
}

// The signers of such attestations.
template <class Content>
std::vector<const verify::Evidence*> evidence_of(const std::vector<Attested<Content>>& attested) {
  std::vector<const verify::Evidence*> evidence;
  for (const Attested<Content>& one : attested) evidence.push_back(one.evidence);
  return evidence;
}

// The first instant at which something of that time is too old; none where no age is asked for.
inline std::optional<std::chrono::sys_seconds> good_until(
    std::optional<std::chrono::sys_seconds> time, std::optional<std::chrono::seconds> max_age) {
  if (!time || !max_age) return std::nullopt;
  return *time + *max_age;
}

}  // namespace touchstone::judge
