#include "report/vsa.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/hash.h"
#include "formats/shown_json.h"
#include "formats/statement.h"
#include "formats/verification_summary.h"
#include "report/words.h"

namespace touchstone::report {
namespace {

// What the requirements that are met have established.
unsigned build_level(const judge::Judgement& judgement) {
  if (judgement.outcome != judge::Outcome::allow) return 0;
  unsigned level = judgement.build_level;
  for (const judge::Judgement& part : judgement.parts) level = std::max(level, build_level(part));
  return level;
}

bool passed(const judge::Verdict& verdict) {
  return standing(verdict) == Standing::accepted && !verdict.excepted;
}

// What was asked for on the command line stands for a policy: the same demand, the same digest.
formats::ResourceDescriptor demand_descriptor(const Input& input) {
  formats::Json asked{formats::Json::Object()};
  if (input.demanded != nullptr) {
    for (const auto& [name, value] : *input.demanded->object()) {
      if (name != "time" && name != "exitStatus" && name != "images") asked.set(name, value);
    }
  }
  return {"urn:touchstone:demand", {{"sha256", crypto::digest_of(as_bytes(to_text(asked))).hex()}}};
}

formats::ResourceDescriptor policy_descriptor(const Input& input) {
  const judge::PolicyNote& policy = input.report.policy;
  if (!policy.digest) return demand_descriptor(input);
  return {printable(policy.source),
          {{std::string(policy.digest->algorithm_name()), policy.digest->hex()}}};
}

std::string resource_uri(const judge::ImageVerdict& image) {
  return (image.pinned.starts_with("oci-layout:") ? "" : "oci://") + printable(image.pinned);
}

std::string predicate(const Input& input, const judge::ImageVerdict& image) {
  formats::VerificationSummary summary;
  summary.verifier = printable(input.verifier);
  summary.verifier_version = {{"touchstone", std::string(input.version)}};
  summary.verified = input.report.time;
  summary.resource_uri = resource_uri(image);
  summary.policy = policy_descriptor(input);
  summary.passed = passed(image.verdict);
  const unsigned level = image.verdict.tree ? build_level(*image.verdict.tree) : 0;
  summary.levels = {summary.passed ? "SLSA_BUILD_LEVEL_" + std::to_string(level) : "FAILED"};
  return formats::to_shown_text(summary.to_json());
}

}  // namespace

std::vector<SummaryStatement> summaries(const Input& input) {
  std::vector<SummaryStatement> statements;
  for (const judge::ImageVerdict& image : input.report.images) {
    if (!image.digest || standing(image.verdict) == Standing::undecided) continue;
    statements.push_back(
        {*image.digest,
         formats::write_statement(*image.digest, printable(image.pinned),
                                  formats::verification_summary_v1, predicate(input, image))});
  }
  return statements;
}

std::string to_vsa(const Input& input) {
  std::string text;
  for (const SummaryStatement& statement : summaries(input)) text += statement.text + "\n";
  return text;
}

}  // namespace touchstone::report
