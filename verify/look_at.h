// From one candidate to what became of it.
#pragma once

#include <chrono>

#include "verify/evidence.h"
#include "verify/find_attestation.h"

namespace touchstone::verify {

// Examines the candidate, and looks for the attestation of its signer's key where the demand asks
// for hardware. An error whose exit status is 3 means that it could not be looked at.
Finding look_at(const Candidate& candidate, const Artifact& artifact, const Demand& demand,
                const AttachedAttestations& attached, std::chrono::sys_seconds now);

}  // namespace touchstone::verify
