// Verification summaries: somebody else's verdict about an artifact, read and written.
//
// Spec: SLSA v1.1, verification_summary (VSA) v1. Refused: a missing verifier.id, resourceUri,
// policy, verificationResult or verifiedLevels, as the specification demands them; results other
// than PASSED and FAILED; members of the wrong kind.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "formats/json.h"
#include "formats/resource_descriptor.h"

namespace touchstone::formats {

inline constexpr std::string_view verification_summary_v1 =
    "https://slsa.dev/verification_summary/v1";

struct VerificationSummary {
  std::string verifier = {};  // verifier.id
  std::map<std::string, std::string> verifier_version = {};
  std::optional<std::chrono::sys_seconds> verified = {};  // when
  std::string resource_uri = {};
  ResourceDescriptor policy = {};
  std::vector<ResourceDescriptor> input_attestations = {};  // all of them, or none
  bool passed = false;
  std::vector<std::string> levels = {};  // "SLSA_BUILD_LEVEL_3"
  std::map<std::string, std::uint64_t> dependency_levels = {};

  static bool is_type(std::string_view predicate_type);

  // Errors: predicate.malformed, limit.count.
  static Result<VerificationSummary> parse(const Json& predicate);

  // The predicate, which parse() takes.
  Json to_json() const;
};

}  // namespace touchstone::formats
