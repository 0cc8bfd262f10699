// The decision.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "verify/evidence.h"

namespace touchstone::verify {

struct Verdict {
  bool allow = false;
  Code code = Code::evidence_none;  // why not; meaningless when `allow`
  std::string message;
  std::string hint = {};    // empty where the code's own will do
  std::size_t finding = 0;  // the one that decided: the good one, or the one that came nearest
};

// Whether one piece of evidence satisfies the demand, whatever its content.
// Errors: identity.*, certificate.*, time.*, signature.log-missing, hardware.*, binding.annotation.
Status satisfies(const Demand& demand, const Evidence& evidence, std::chrono::sys_seconds now);

// Decides about an image under `demand` as of `now`. Pure: no clock, network, file or device.
// Allows when one finding is evidence of a signer of the demand whose key is valid at `now`
// (closed interval), or of one with a certificate under an authority of the demand, all of whose
// path is, with the identity if one is asked for, and whose signed annotations hold every one asked
// for, and whose key is attested as it demands of hardware. Refuses when `findings` is
// empty. Of several reasons to refuse, the verdict names the one that came nearest to allowing.
Verdict decide(const Demand& demand, std::span<const Finding> findings,
               std::chrono::sys_seconds now);

}  // namespace touchstone::verify
