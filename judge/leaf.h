// What the requirements on signed evidence have in common: which of the findings count, and the
// nearest reason when none does.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "judge/decide.h"

namespace touchstone::judge {

using Findings = std::span<const verify::Finding>;

// What a requirement is judged in. Refers to its parts.
struct LeafContext {
  const Evidence& evidence;          // about the image
  const ManifestEvidence& manifest;  // the part of it that is looked at
  const policy::Rule& rule;
  std::chrono::sys_seconds now;
};

// Those of the findings that hold, whose signer the demand names and that are fresh enough for the
// rule; and of the others the reason that came nearest to counting.
struct Counted {
  std::vector<const verify::Evidence*> good;  // in their order
  std::optional<Error> reason;                // set when `good` is empty
};
Counted count(Findings findings, const verify::Demand& demand, const LeafContext& context);

// When a signature was made, by a log or a timestamp that is trusted: the earliest of the times
// that are established. Absent when nothing says.
std::optional<std::chrono::sys_seconds> signing_time(const verify::Evidence& evidence);

// Whether a time that was said is within `max_age` of now, and not in the future, give or take
// limits::clock_skew. `what` for the message: "the scan".
// Errors: time.too-old (also when `time` is absent), time.future.
Status check_age(std::optional<std::chrono::sys_seconds> time, std::chrono::seconds max_age,
                 std::chrono::sys_seconds now, std::string_view what);

// "24 h", "180 d".
std::string duration_text(std::chrono::seconds duration);

// Who signed, in words that are safe to show.
std::string signer_name(const verify::Evidence& evidence);

// A judgement that is met, or not for the reason; an error whose exit status is 3 makes
// Outcome::error.
Judgement met(std::string_view kind, std::string wanted, std::vector<std::string> found,
              policy::Place place);
Judgement not_met(std::string_view kind, std::string wanted, Error reason,
                  std::vector<std::string> found, policy::Place place);

}  // namespace touchstone::judge
