// The decision.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/reference.h"
#include "formats/image_config.h"
#include "judge/verdict.h"
#include "policy/document.h"
#include "verify/evidence.h"

namespace touchstone::judge {

// Something signed that a rule needs: one for each requirement that names a signer (two with VEX),
// one for each builder, and one for exceptions, in the order of the rule.
struct Need {
  verify::Demand demand;  // with the kind of content; of attestations any, for `takes` says which
  std::string purpose;    // for people: "signatures", "provenance", ...
  std::function<bool(std::string_view predicate_type)> takes = {};  // null for signatures
  bool newest_counts = false;  // so that all have to be looked at
  // Whose it is, within the rule; both null for exceptions. The builder where it is a builder's.
  const policy::Requirement* requirement = nullptr;
  const policy::Builder* builder = nullptr;
};
std::vector<Need> needs_of(const policy::Rule& rule);

// What was found about one manifest: the image's own, or one of its platforms'.
struct ManifestEvidence {
  Digest digest;
  std::optional<formats::Platform> platform = {};
  std::vector<std::vector<verify::Finding>> findings = {};  // for each need, in their order
  std::optional<Error> failure = {};  // the list of what is attached could not be had
  std::optional<Result<formats::ImageConfig>> config = {};  // absent: the rule does not ask
};

// The verdict on a base image, had in the same way.
struct BaseEvidence {
  std::string reference;  // as the evidence names it
  Digest digest;
  std::optional<Verdict> verdict = {};  // absent: nobody asked, for it changes nothing
};

// All that a rule needs to know about an image, had once. Nothing in it but what was verified, and
// reasons why something was not.
struct Evidence {
  Reference reference;     // as it was asked for
  ManifestEvidence image;  // what the reference names: an index, or one image
  bool is_index = false;
  std::vector<ManifestEvidence> platforms = {};  // of an index, those that the rule asks for
  std::vector<BaseEvidence> bases = {};
};

// Decides about an image under one rule of a policy as of `now`. Pure and total: no clock, network,
// file or device; the same for every gate.
Verdict decide(const policy::Rule& rule, const Evidence& evidence, std::chrono::sys_seconds now);

// The verdict on an image that could not be looked at, for a reason whose exit status is not 1.
Verdict undecided(const policy::Rule& rule, Error error);

}  // namespace touchstone::judge
