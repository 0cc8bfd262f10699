// Verdicts of other verifiers (VSA).
//
// Spec: SLSA v1.1, "Verification Summary Attestation", how to verify: the signature and the subject
// were looked at before; here the pair of signer and verifier, the resource, the result, the
// levels.
#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "formats/verification_summary.h"
#include "judge/attested.h"
#include "judge/requirements.h"

namespace touchstone::judge {
namespace {

using formats::VerificationSummary;
using AttestedSummary = Attested<VerificationSummary>;

constexpr std::string_view kind = "vsa";

// The image under its name, as far as the resource tells: "oci://r.example/app@sha256:...",
// "https://r.example/app", or without a scheme.
bool is_resource(std::string_view uri, const LeafContext& context) {
  for (const std::string_view scheme : {"oci://", "docker://", "https://"}) {
    if (!uri.starts_with(scheme)) continue;
    uri.remove_prefix(scheme.size());
    break;
  }
  const auto resource = Reference::parse(uri);
  if (!resource || resource->name() != context.evidence.reference.name()) return false;
  const auto& digest = resource->digest();
  return !digest || *digest == context.manifest.digest || *digest == context.evidence.image.digest;
}

// "SLSA_BUILD_LEVEL_3" is level 3 of the track "SLSA_BUILD_LEVEL_".
struct Level {
  std::string_view track;
  std::optional<unsigned> number;
};

Level level_of(std::string_view text) {
  const std::size_t digits = text.find_last_not_of("0123456789") + 1;  // 0 when all are
  unsigned number = 0;
  const auto [end, failed] =
      std::from_chars(text.data() + digits, text.data() + text.size(), number);
  if (failed != std::errc() || digits == 0) return {text, std::nullopt};
  return {text.substr(0, digits), number};
}

bool reaches(std::string_view reached, std::string_view wanted) {
  const Level have = level_of(reached);
  const Level want = level_of(wanted);
  return have.track == want.track && have.number >= want.number &&
         have.number.has_value() == want.number.has_value();
}

Error refused(Code code, std::string message) { return {code, std::move(message), ""}; }

// Whether it is a summary of the verifier and about the image: others have no say.
Status check_identity(const policy::Summary& wanted, const VerificationSummary& summary,
                      const LeafContext& context) {
  if (summary.verifier != wanted.verifier) {
    return refused(Code::summary_verifier, "the summary is of verifier \"" +
                                               printable(summary.verifier) + "\", not \"" +
                                               printable(wanted.verifier) + "\"");
  }
  if (!is_resource(summary.resource_uri, context)) {
    return refused(Code::summary_resource,
                   "the summary is about \"" + printable(summary.resource_uri) + "\"");
  }
  return ok();
}

Status check_policy(const policy::Summary& wanted, const VerificationSummary& summary) {
  if (!wanted.policy_digest) return ok();
  for (const auto& [algorithm, hex] : summary.policy.digest) {
    if (algorithm + ":" + hex == *wanted.policy_digest) return ok();
  }
  return refused(Code::summary_verifier, "the summary was made under another policy than " +
                                             printable(*wanted.policy_digest));
}

Status check_levels(const policy::Summary& wanted, const VerificationSummary& summary) {
  for (const std::string& level : wanted.levels) {
    const auto is_enough = [&](const std::string& reached) { return reaches(reached, level); };
    if (std::ranges::any_of(summary.levels, is_enough)) continue;
    return refused(Code::summary_level, "the summary reaches " +
                                            printable(join(summary.levels, ", ")) + ", not " +
                                            printable(level));
  }
  return ok();
}

Status check(const policy::Summary& wanted, const std::vector<AttestedSummary>& summaries,
             std::chrono::sys_seconds now) {
  for (const AttestedSummary& summary : summaries) {
    if (wanted.max_age) TS_CHECK(check_age(summary.time, *wanted.max_age, now, "the summary"));
    if (!summary.content.passed) return refused(Code::summary_failed, "the summary says FAILED");
    TS_CHECK(check_levels(wanted, summary.content));
    TS_CHECK(check_policy(wanted, summary.content));
  }
  return ok();
}

std::string wanted_text(const policy::Summary& wanted) {
  std::string text = "a summary of verifier \"" + printable(wanted.verifier) + "\" signed under " +
                     signer_text(wanted.signer);
  if (!wanted.levels.empty()) text += ", with " + printable(join(wanted.levels, " and "));
  if (wanted.max_age) text += ", at most " + duration_text(*wanted.max_age) + " old";
  return text;
}

}  // namespace

Judgement judge_summary(const policy::Summary& wanted, Findings findings,
                        const LeafContext& context, policy::Place place) {
  const Counted counted = count(findings, wanted.signer.demand, context);
  const auto read =
      [&](const verify::Evidence& evidence) -> std::optional<Result<AttestedSummary>> {
    if (!evidence.statement) return std::nullopt;
    if (!VerificationSummary::is_type(evidence.statement->predicate_type)) return std::nullopt;
    auto summary = VerificationSummary::parse(evidence.statement->predicate);
    if (!summary) return std::move(summary).error();
    if (Status ours = check_identity(wanted, *summary, context); !ours) {
      return std::move(ours).error();
    }
    const auto time = summary->verified ? summary->verified : signing_time(evidence);
    return AttestedSummary{&evidence, *std::move(summary), time};
  };
  const auto summaries = newest<VerificationSummary>(counted, context.now, "the summary", read);
  const Status status =
      summaries ? check(wanted, *summaries, context.now) : Status(summaries.error());
  if (!status) {
    return not_met(kind, wanted_text(wanted), counted.unseen.value_or(status.error()),
                   counted.found, place);
  }
  Judgement judgement =
      met(kind, wanted_text(wanted), counted.found, place, evidence_of(*summaries));
  judgement.valid_until =
      earlier(counted.valid_until, good_until(summaries->front().time, wanted.max_age));
  return judgement;
}

}  // namespace touchstone::judge
