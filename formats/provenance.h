// SLSA provenance: who built something, how, and from what. Both versions in one view.
//
// Spec: SLSA v1.0 (also v1.1, the same predicate) and v0.2. Where the source is named depends on
// the builder:
//   GitHub Actions, and generators on it   externalParameters.workflow; v0.2: configSource
//   Google Cloud Build                     externalParameters.sourceToBuild, else buildConfigSource
//   GitLab, BuildKit, container builds     externalParameters.source, .configSource
//   others                                 any of these; externalParameters.repository and .ref
//   slsa-github-generator's delegators     the first of the dependencies
// Refused: members of the wrong kind; no builder's id; a source that is named in two ways which
// differ, or could be read as another place (formats/source_uri.h); two commits of one source.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "formats/json.h"
#include "formats/resource_descriptor.h"

namespace touchstone::formats {

inline constexpr std::string_view provenance_v1 = "https://slsa.dev/provenance/v1";
inline constexpr std::string_view provenance_v02 = "https://slsa.dev/provenance/v0.2";

struct Provenance {
  struct Source {
    std::string uri = {};  // SourceUri::place; empty where none is named
    std::string ref = {};
    std::string commit = {};
    std::string path = {};  // of the workflow or build file in it
  };
  std::string builder_id = {};
  std::string build_type = {};
  Source source = {};
  Json parameters = Json(Json::Object());          // external ones, or v0.2's invocation.parameters
  std::vector<ResourceDescriptor> materials = {};  // v1: resolved dependencies
  std::optional<std::chrono::sys_seconds> started = {};
  std::optional<std::chrono::sys_seconds> finished = {};

  static bool is_type(std::string_view predicate_type);

  // Errors: predicate.malformed, limit.count.
  static Result<Provenance> parse(std::string_view predicate_type, const Json& predicate);
};

}  // namespace touchstone::formats
