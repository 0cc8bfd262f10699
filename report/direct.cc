#include "report/direct.h"

#include "base/text.h"
#include "judge/evidence_note.h"
#include "verify/report.h"

namespace touchstone::report {
namespace {

using judge::Outcome;

Outcome outcome_of(verify::Decision decision) {
  switch (decision) {
    case verify::Decision::accepted:
      return Outcome::allow;
    case verify::Decision::refused:
      return Outcome::deny;
    case verify::Decision::undecided:
      return Outcome::error;
  }
  return Outcome::error;
}

bool wants_attestation(const verify::Demand& demand) {
  return demand.content.kind == verify::WantedContent::Kind::attestation;
}

std::string wanted(const verify::Demand& demand) {
  std::string text = join(verify::describe_signers(demand), ", or ");
  if (const auto hardware = verify::describe_hardware(demand)) text += ", with " + *hardware;
  for (const auto& [name, value] : demand.annotations) {
    text += ", with " + printable(name) + "=" + printable(value);
  }
  if (wants_attestation(demand) && !demand.content.predicate_type.empty()) {
    text += ", of type \"" + printable(demand.content.predicate_type) + "\"";
  }
  return text;
}

judge::Judgement judgement_of(const verify::ImageReport& report, const verify::Demand& demand) {
  judge::Judgement judgement;
  judgement.kind = wants_attestation(demand) ? "attestation" : "signatures";
  judgement.wanted = wanted(demand);
  judgement.outcome = outcome_of(report.decision);
  judgement.reason = report.reason;
  for (const verify::Finding& finding : report.findings) {
    const Error* error = finding.error();
    judgement.found.push_back(error != nullptr ? printable(error->message)
                                               : "by " + judge::signer_name(*finding.evidence()));
  }
  return judgement;
}

}  // namespace

judge::ImageVerdict image_verdict(const verify::ImageReport& report, const verify::Demand& demand) {
  judge::ImageVerdict image;
  image.reference = report.reference;
  image.digest = report.digest;
  image.pinned = report.pinned;
  image.verdict.outcome = outcome_of(report.decision);
  image.verdict.reason = report.reason;
  image.verdict.tree = judgement_of(report, demand);
  if (report.digest) {
    const std::string_view kind = wants_attestation(demand) ? "attestation" : "signature";
    for (const verify::Finding& finding : report.findings) {
      image.verdict.evidence.push_back(judge::note_of(finding, kind, *report.digest));
    }
  }
  return image;
}

}  // namespace touchstone::report
