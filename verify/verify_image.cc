#include "verify/verify_image.h"

#include <algorithm>

#include "base/limits.h"
#include "verify/look_at.h"

namespace touchstone::verify {
namespace {

void accept(ImageReport& report, const Verdict& verdict) {
  report.decision = Decision::accepted;
  report.reason.reset();
  report.accepted_finding = verdict.finding;
}

// No candidate was good. One that could not be looked at might have been: that is no refusal.
void refuse(ImageReport& report, const Verdict& verdict) {
  for (const Finding& finding : report.findings) {
    const Error* error = finding.error();
    if (error != nullptr && exit_status(error->code) == 3) {
      report.decision = Decision::undecided;
      report.reason = *error;
      return;
    }
  }
  report.decision = Decision::refused;
  report.reason = Error{verdict.code, verdict.message, verdict.hint};
  if (report.findings.empty() && report.other_referrers > 0) {
    report.reason->message += "; " + std::to_string(report.other_referrers) +
                              " other artifacts are, which are nothing of this kind";
  }
}

Verdict judge_attached(ImageReport& report, CandidateReader& reader, const Artifact& image,
                       const Demand& demand, const AttachedAttestations& attached,
                       const Clock& clock) {
  report.candidates = reader.candidates();
  report.other_referrers = reader.other_referrers();
  const auto deadline = clock.monotonic() + limits::verification_timeout;
  while (true) {
    const auto items = reader.next();
    if (items.empty()) break;
    for (const CandidateReader::Item& item : items) {
      if (clock.monotonic() > deadline) {
        report.findings.push_back(
            {item.origin, Error{Code::limit_time, "too much is attached to look at all of it", ""},
             item.format});
        return decide(demand, report.findings, clock.now());
      }
      if (item.candidate) {
        report.findings.push_back(look_at(*item.candidate, image, demand, attached, clock.now()));
      } else {
        report.findings.push_back({item.origin, item.candidate.error(), item.format});
      }
    }
    Verdict verdict = decide(demand, report.findings, clock.now());
    if (verdict.allow) return verdict;
  }
  return decide(demand, report.findings, clock.now());
}

}  // namespace

ImageReport undecided(const Reference& reference, Error error) {
  ImageReport report;
  report.reference = reference.to_string();
  report.reason = std::move(error);
  return report;
}

ImageReport verify_image(oci::Repository& repository, const Reference& reference,
                         const Demand& demand, const VerifyOptions& options, const Clock& clock) {
  auto resolved = resolve(repository, reference, options.platform,
                          options.detached ? Attached::not_wanted : attached_form(demand.content));
  if (!resolved) return undecided(reference, std::move(resolved).error());

  ImageReport report;
  report.reference = reference.to_string();
  report.digest = resolved->digest;
  report.pinned = reference.pinned(resolved->digest);
  const Artifact image = Artifact::of(resolved->manifest.bytes);

  if (options.detached) {
    report.candidates = 1;
    report.findings.push_back(look_at(*options.detached, image, demand, {}, clock.now()));
    const Verdict verdict = decide(demand, report.findings, clock.now());
    verdict.allow ? accept(report, verdict) : refuse(report, verdict);
    return report;
  }

  if (!resolved->looked_up) {
    resolved->looked_up =
        repository.image_and_referrers(resolved->digest, "", tagged_form(demand.content));
    if (!resolved->looked_up->image) {
      report.reason = resolved->looked_up->image.error();
      return report;
    }
  }
  report.notice = resolved->looked_up->notice;
  AttachedAttestations attached;
  if (demand.hardware && resolved->looked_up->referrers) {
    attached = fetch_attestations(repository, resolved->digest, *resolved->looked_up->referrers);
  }
  CandidateReader reader(repository, resolved->digest, demand.content,
                         *std::move(resolved->looked_up));
  const Verdict verdict = judge_attached(report, reader, image, demand, attached, clock);
  verdict.allow ? accept(report, verdict) : refuse(report, verdict);
  return report;
}

ImageReport verify_file(const std::string& name, const Artifact& file, const Candidate& signature,
                        const Demand& demand, const Clock& clock) {
  ImageReport report;
  report.reference = name;
  report.digest = file.name();
  if (report.digest) report.pinned = report.digest->to_string();
  report.candidates = 1;
  report.findings.push_back(look_at(signature, file, demand, {}, clock.now()));
  const Verdict verdict = decide(demand, report.findings, clock.now());
  verdict.allow ? accept(report, verdict) : refuse(report, verdict);
  return report;
}

int exit_status(const std::vector<ImageReport>& reports) {
  bool refused = false;
  int other = 0;
  for (const ImageReport& report : reports) {
    if (report.decision == Decision::refused) refused = true;
    if (report.decision == Decision::undecided) {
      const int status = exit_status(report.reason->code);
      other = other == 0 ? status : std::min(other, status);
    }
  }
  return refused ? 1 : other;
}

}  // namespace touchstone::verify
