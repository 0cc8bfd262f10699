#include "verify/look_at.h"

#include "verify/examine.h"

namespace touchstone::verify {
namespace {

// Whether the key is attested is looked for only where the demand asks. One that might have been,
// and could not be had, leaves the whole candidate undecided.
Status add_hardware(Evidence& evidence, const Demand& demand, const AttachedAttestations& attached,
                    std::chrono::sys_seconds now) {
  if (!demand.hardware) return ok();
  evidence.hardware = find_attestation(evidence.signer, attached, demand, now);
  if (!*evidence.hardware && exit_status(evidence.hardware->error().code) == 3) {
    return evidence.hardware->error();
  }
  return ok();
}

}  // namespace

Finding look_at(const Candidate& candidate, const Artifact& artifact, const Demand& demand,
                const AttachedAttestations& attached, std::chrono::sys_seconds now) {
  auto evidence = examine(candidate, artifact, demand, now);
  if (evidence) {
    if (const auto looked = add_hardware(*evidence, demand, attached, now); !looked) {
      return {candidate.origin, looked.error(), candidate.format()};
    }
    return {candidate.origin, *std::move(evidence), candidate.format()};
  }
  Error error = std::move(evidence).error();
  // A limit that one candidate breaks by its own bytes is that candidate's malformation: it must
  // not keep a verdict from being reached. Bytes that are not those asked for were not looked at.
  if (exit_status(error.code) == 3 && error.code != Code::digest_mismatch) {
    error.code = candidate.format() == SignatureFormat::sigstore ? Code::format_bundle
                                                                 : Code::format_payload;
  }
  return {candidate.origin, std::move(error), candidate.format()};
}

}  // namespace touchstone::verify
