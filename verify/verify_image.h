// One image from reference to verdict.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/reference.h"
#include "oci/repository.h"
#include "verify/collect.h"
#include "verify/decide.h"

namespace touchstone::verify {

enum class Decision : std::uint8_t { accepted, refused, undecided };

// What is said about one image. An undecided one is treated as refused by every caller; it has an
// exit status of its own, so that a broken network is not mistaken for an attack.
struct ImageReport {
  std::string reference;         // as it was asked for, normalised
  std::optional<Digest> digest;  // once known
  std::string pinned;            // name@digest, once known
  Decision decision = Decision::undecided;
  std::optional<Error> reason;  // set unless accepted
  std::vector<Finding> findings;
  std::size_t accepted_finding = 0;  // meaningful when accepted
  std::size_t candidates = 0;        // attached and of a fitting type
  std::size_t other_referrers = 0;   // attached and of other types
  std::string notice;
};

struct VerifyOptions {
  std::optional<formats::Platform> platform;
  std::optional<Candidate> detached;  // judge this signature and none that is attached
};

// Judges the image that `reference` names. Looks at candidates until one is good or none is left,
// within `limits`.
ImageReport verify_image(oci::Repository& repository, const Reference& reference,
                         const Demand& demand, const VerifyOptions& options, const Clock& clock);

// Judges a file by the one signature that is given. The report's `reference` is its name, and
// `pinned` its digest.
ImageReport verify_file(const std::string& name, const Artifact& file, const Candidate& signature,
                        const Demand& demand, const Clock& clock);

// A report for an image that could not even be opened.
ImageReport undecided(const Reference& reference, Error error);

// 0 all accepted; else 1 when any was refused, 2 when a usage error stopped one, else 3.
int exit_status(const std::vector<ImageReport>& reports);

}  // namespace touchstone::verify
