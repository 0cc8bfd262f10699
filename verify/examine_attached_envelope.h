// From a layer under cosign's tag for attestations to evidence: the step-by-step verifier of one
// legacy attestation.
//
// Spec: cosign's specification of in-toto attestations: a DSSE envelope in JSON, whose layer has
// the annotations of a signature's but for the signature itself. In the order of the steps:
//   1. the layer is an envelope by its media type                     binding.payload
//   2. an attestation is wanted                                       binding.type
//   3. the envelope is what the layer's descriptor says               digest.mismatch
//   4. it parses, and has a signature                                 format.signature, limit.*
//   5. its payload is an in-toto statement by type                    binding.payload
//   6. one of its signatures is somebody's who counts, witnessed as   as find_legacy_signer()
//      the demand says by what lies beside it; a timestamp is of the
//      whole envelope
//   7. only now its payload is parsed and compared                    as check_statement()
// The layer's annotation `predicateType` is a hint, and is not looked at here.
#pragma once

#include <chrono>

#include "verify/evidence.h"

namespace touchstone::verify {

// Pure, as examine().
Result<Evidence> examine_attached_envelope(const EnvelopeLayer& layer, const Artifact& image,
                                           const Demand& demand, std::chrono::sys_seconds at);

}  // namespace touchstone::verify
