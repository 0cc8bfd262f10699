#include "judge/evidence_note.h"

#include <algorithm>

#include "base/text.h"

namespace touchstone::judge {
namespace {

// The one alternative name where there is one, else the subject.
std::string holder_of(const crypto::Certificate& certificate) {
  const auto& names = certificate.alternative_names();
  if (names.size() == 1 && !names.front().value.empty()) return printable(names.front().value);
  return certificate.subject().empty() ? certificate.fingerprint() : certificate.subject();
}

// Whose certificate, by whom, and under what: of one kind or the other, or of neither.
void add_trust(const verify::Evidence& evidence, EvidenceNote& note) {
  if (evidence.keyless) {
    note.certificate = holder_of(evidence.keyless->signer.path.certificates.front());
    note.issuer = printable(evidence.keyless->signer.fields.issuer);
    note.root = evidence.keyless->source;
  } else if (evidence.certified) {
    const crypto::Certificate& leaf = evidence.certified->path.certificates.front();
    note.certificate = holder_of(leaf);
    note.issuer = leaf.issuer();
    note.root = evidence.certified->authority.source;
  } else {
    note.root = evidence.signer.source;
  }
}

void add_device(const verify::Evidence& evidence, EvidenceNote& note) {
  if (!evidence.hardware || !*evidence.hardware) return;
  note.device = verify::summary(**evidence.hardware);
  note.device_serial = (*evidence.hardware)->facts.serial;
}

void add_logs(const verify::Evidence& evidence, EvidenceNote& note) {
  for (const verify::LogFact& fact : evidence.witnesses.logs) {
    std::string name = printable(fact.log);
    if (std::ranges::find(note.logs, name) == note.logs.end()) note.logs.push_back(std::move(name));
  }
}

}  // namespace

std::optional<std::chrono::sys_seconds> signing_time(const verify::Evidence& evidence) {
  const auto& times = evidence.witnesses.times;
  if (times.empty()) return std::nullopt;
  const auto earliest = std::ranges::min_element(times, {}, &verify::TimeFact::time);
  return std::chrono::floor<std::chrono::seconds>(earliest->time);
}

std::string signer_name(const verify::Evidence& evidence) {
  EvidenceNote trust;
  add_trust(evidence, trust);
  if (!trust.certificate.empty()) {
    return trust.certificate + (trust.issuer.empty() ? "" : ", vouched for by " + trust.issuer);
  }
  const std::string& owner = evidence.signer.trusted.owner;
  if (!owner.empty()) return printable(owner);
  return evidence.signer.trusted.key.kind_name() + " key " +
         evidence.signer.trusted.key.fingerprint();
}

EvidenceNote note_of(const verify::Finding& finding, std::string_view kind, const Digest& subject) {
  EvidenceNote note{.kind = std::string(kind)};
  note.format = verify::format_name(finding.format);
  note.origin = printable(finding.origin);
  note.subject = subject;
  if (const Error* error = finding.error(); error != nullptr) {
    note.result = slug(error->code);
    note.message = printable(error->message);
    return note;
  }
  const verify::Evidence& evidence = *finding.evidence();
  note.signer = signer_name(evidence);
  note.key = evidence.signer.trusted.key.fingerprint();
  if (evidence.statement) note.type = printable(evidence.statement->predicate_type);
  note.time = signing_time(evidence);
  add_trust(evidence, note);
  add_device(evidence, note);
  add_logs(evidence, note);
  return note;
}

}  // namespace touchstone::judge
