// Predicates of any type, judged by an expression.
#include "base/text.h"
#include "formats/predicate_types.h"
#include "judge/attested.h"
#include "judge/requirements.h"

namespace touchstone::judge {
namespace {

using formats::Json;

constexpr std::string_view kind = "predicate";

std::string wanted_text(const policy::PredicateCheck& wanted) {
  std::string text = "a predicate \"" + printable(wanted.type) + "\" signed under " +
                     signer_text(wanted.signer) + " that satisfies " +
                     printable(wanted.expression.text());
  if (wanted.max_age) text += ", at most " + duration_text(*wanted.max_age) + " old";
  return text;
}

Json subject_json(const formats::Statement& statement) {
  Json::Array subjects;
  for (const formats::Subject& subject : statement.subjects) {
    Json digests{Json::Object()};
    for (const auto& [algorithm, hex] : subject.digests) digests.set(algorithm, Json(hex));
    Json json;
    json.set("name", Json(subject.name));
    json.set("digest", std::move(digests));
    subjects.push_back(std::move(json));
  }
  return Json(std::move(subjects));
}

Json image_json(const LeafContext& context) {
  Json image;
  image.set("repository", Json(context.evidence.reference.name()));
  image.set("tag", Json(context.evidence.reference.tag().value_or("")));
  image.set("digest", Json(context.manifest.digest.to_string()));
  return image;
}

// Errors: time.*, expression.*, limit.expression.
Status satisfies(const policy::PredicateCheck& wanted, const verify::Evidence& evidence,
                 const Json& image, std::chrono::sys_seconds now) {
  if (wanted.max_age) {
    TS_CHECK(check_age(signing_time(evidence), *wanted.max_age, now, "the attestation"));
  }
  const Json subject = subject_json(*evidence.statement);
  auto holds = wanted.expression.evaluate({.predicate = &evidence.statement->predicate,
                                           .subject = &subject,
                                           .image = &image,
                                           .now = now});
  if (!holds) return std::move(holds).error();
  if (*holds) return ok();
  return Error{Code::expression_false,
               "the predicate does not satisfy " + printable(wanted.expression.text()), ""};
}

}  // namespace

Judgement judge_predicate(const policy::PredicateCheck& wanted, Findings findings,
                          const LeafContext& context, policy::Place place) {
  const Counted counted = count(findings, wanted.signer.demand, context);
  const Json image = image_json(context);
  Judgement judgement = met(kind, wanted_text(wanted), counted.found, place);
  judgement.valid_until = counted.valid_until;
  std::vector<const verify::Evidence*> by;
  Reasons reasons;
  for (const verify::Evidence* evidence : counted.good) {
    if (!evidence->statement) continue;
    if (!formats::is_predicate(wanted.type, evidence->statement->predicate_type)) continue;
    Status status = satisfies(wanted, *evidence, image, context.now);
    if (!status) {
      const bool undecided = exit_status(status.error().code) == 3;
      reasons.add(std::move(status).error(), undecided ? 1 : 0);
      continue;
    }
    by.push_back(evidence);
    judgement.valid_until =
        earlier(judgement.valid_until, good_until(signing_time(*evidence), wanted.max_age));
  }
  if (by.empty()) {
    return not_met(kind, std::move(judgement.wanted), std::move(reasons).take(counted),
                   std::move(judgement.found), place);
  }
  name_signers(judgement, by);
  return judgement;
}

}  // namespace touchstone::judge
