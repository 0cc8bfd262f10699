#include "formats/verification_summary.h"

#include "base/text.h"
#include "base/time.h"
#include "formats/json_fields.h"
#include "formats/predicate_time.h"

namespace touchstone::formats {
namespace {

constexpr std::string_view slsa_version = "1.1";

Status read_verifier(const Fields& fields, VerificationSummary& summary) {
  TS_TRY(const Fields verifier, fields.object("verifier"));
  TS_TRY(summary.verifier, verifier.string("id"));
  if (summary.verifier.empty()) return verifier.error("id", "is empty");
  TS_TRY(summary.verifier_version, verifier.string_map_or_empty("version"));
  return ok();
}

Status read_result(const Fields& fields, VerificationSummary& summary) {
  TS_TRY(const std::string result, fields.string("verificationResult"));
  if (result != "PASSED" && result != "FAILED") {
    return fields.error("verificationResult", "\"" + printable(result) + "\" is no result");
  }
  summary.passed = result == "PASSED";
  TS_TRY(const Json::Array* levels, fields.array("verifiedLevels"));
  for (const Json& level : *levels) {
    if (level.string() == nullptr) return fields.error("verifiedLevels", "expected strings");
    summary.levels.push_back(*level.string());
  }
  return ok();
}

Status read_dependency_levels(const Fields& fields, VerificationSummary& summary) {
  TS_TRY(const auto levels, fields.optional_object("dependencyLevels"));
  if (!levels) return ok();
  for (const auto& [level, count] : *levels->json().object()) {
    if (count.unsigned_integer() == nullptr) return levels->error(level, "expected a number");
    summary.dependency_levels[level] = *count.unsigned_integer();
  }
  return ok();
}

Result<VerificationSummary> read(const Json& predicate) {
  VerificationSummary summary;
  TS_TRY(const Fields fields, Fields::of(predicate, "predicate"));
  TS_CHECK(read_verifier(fields, summary));
  TS_TRY(summary.verified, optional_time(fields, "timeVerified"));
  TS_TRY(summary.resource_uri, fields.string("resourceUri"));
  TS_TRY(const Fields policy, fields.object("policy"));
  TS_TRY(summary.policy, ResourceDescriptor::read(policy));
  TS_TRY(summary.input_attestations, ResourceDescriptor::read_list(fields, "inputAttestations"));
  TS_CHECK(read_result(fields, summary));
  TS_CHECK(read_dependency_levels(fields, summary));
  return summary;
}

Json verifier_json(const VerificationSummary& summary) {
  Json version{Json::Object()};
  for (const auto& [name, text] : summary.verifier_version) version.set(name, Json(text));
  Json verifier;
  verifier.set("id", Json(summary.verifier));
  if (!summary.verifier_version.empty()) verifier.set("version", std::move(version));
  return verifier;
}

}  // namespace

bool VerificationSummary::is_type(std::string_view predicate_type) {
  return predicate_type == verification_summary_v1;
}

Result<VerificationSummary> VerificationSummary::parse(const Json& predicate) {
  auto summary = read(predicate);
  if (summary) return summary;
  return in_context(std::move(summary).error(), Code::predicate_malformed, "verification summary");
}

Json VerificationSummary::to_json() const {
  Json::Array inputs;
  for (const ResourceDescriptor& input : input_attestations) inputs.push_back(input.to_json());
  Json::Array reached;
  for (const std::string& level : levels) reached.emplace_back(level);
  Json dependencies{Json::Object()};
  for (const auto& [level, count] : dependency_levels) dependencies.set(level, Json(count));
  Json json;
  json.set("verifier", verifier_json(*this));
  if (verified) json.set("timeVerified", Json(to_rfc3339(*verified)));
  json.set("resourceUri", Json(resource_uri));
  json.set("policy", policy.to_json());
  if (!inputs.empty()) json.set("inputAttestations", Json(std::move(inputs)));
  json.set("verificationResult", Json(passed ? "PASSED" : "FAILED"));
  json.set("verifiedLevels", Json(std::move(reached)));
  if (!dependency_levels.empty()) json.set("dependencyLevels", std::move(dependencies));
  json.set("slsaVersion", Json(slsa_version));
  return json;
}

}  // namespace touchstone::formats
