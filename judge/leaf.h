// What the requirements on signed evidence have in common: which of the findings count, and the
// nearest reason when none does.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "judge/decide.h"
#include "judge/evidence_note.h"

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
// rule; and of the others the reason that came nearest to counting. Where something could not be
// looked at and nothing is good, the reason is that error (exit status 3).
struct Counted {
  std::vector<const verify::Evidence*> good;  // in their order
  std::optional<Error> reason = {};           // set when `good` is empty
  std::optional<Error> unseen = {};           // something could not be looked at
  std::vector<std::string> found = {};        // a line for each finding, up to max_found_lines
  std::optional<std::chrono::sys_seconds> valid_until = {};  // till when all of `good` count
};
inline constexpr std::size_t max_found_lines = 10;  // people read no further
// `formats`: one of these; empty for any.
Counted count(Findings findings, const verify::Demand& demand, const LeafContext& context,
              std::span<const verify::SignatureFormat> formats = {});

// How far evidence that fails for that reason is from counting.
std::size_t reason_distance(Code code);

// Whether one piece of evidence counts: its signer, and its age by the rule.
// Errors: as verify::satisfies(); time.missing, time.too-old, time.future.
Status check_evidence(const verify::Evidence& evidence, const verify::Demand& demand,
                      const LeafContext& context);

// Whether a time that was said is within `max_age` of now, and not in the future, give or take
// limits::clock_skew. `what` for the message: "the scan".
// Errors: time.too-old (also when `time` is absent), time.future.
Status check_age(std::optional<std::chrono::sys_seconds> time, std::chrono::seconds max_age,
                 std::chrono::sys_seconds now, std::string_view what);

// "24 h", "180 d".
std::string duration_text(std::chrono::seconds duration);

// Who may sign, in words that are safe to show: "root \"ci\", \"ci@shop.example\"".
std::string signer_text(const policy::Signer& signer);

// The earlier of two limits, where there are any.
std::optional<std::chrono::sys_seconds> earlier(std::optional<std::chrono::sys_seconds> a,
                                                std::optional<std::chrono::sys_seconds> b);

// The signers of what met a requirement, each piece of which alone would have.
void name_signers(Judgement& judgement, std::span<const verify::Evidence* const> by);

// A judgement that is met, or not for the reason; an error whose exit status is 3 makes
// Outcome::error.
// `by` is the evidence that met it, each piece of which alone would have; thresholds tell signers
// apart by it.
Judgement met(std::string_view kind, std::string wanted, std::vector<std::string> found,
              policy::Place place, std::span<const verify::Evidence* const> by = {});
Judgement not_met(std::string_view kind, std::string wanted, Error reason,
                  std::vector<std::string> found, policy::Place place);

}  // namespace touchstone::judge
