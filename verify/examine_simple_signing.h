// From a layer under cosign's tag to evidence: the step-by-step verifier of one legacy signature.
//
// Spec: cosign's signature specification; formats/simple_signing.h for the payload. In
// the order of the steps:
//   1. the layer is a simple-signing payload by its media type        binding.payload
//   2. a signature stands beside it                                   format.signature
//   3. it is base64                                                   format.signature
//   4. the payload is what the layer's descriptor says                digest.mismatch
//   5. what lies beside it in other annotations parses              format.signature,
//                                                                    certificate.malformed
//   6. the signature over the payload's exact bytes is somebody's who counts, witnessed as the
//      demand says                                                   as find_signer()
//   7. only now the payload is parsed                                 format.payload, limit.*
//   8. it is by type an image signature                               binding.type
//   9. it names the image                                             binding.digest
// Where a certificate stands beside the signature, a trusted key decides all the same, as with
// cosign: what it signed, it signed. The name of the repository in the payload is not compared
// (design section 11.19): signatures move with their image.
#pragma once

#include <chrono>

#include "verify/evidence.h"

namespace touchstone::verify {

// Pure, as examine().
Result<Evidence> examine_simple_signing(const SimpleSigningLayer& layer, const Artifact& image,
                                        const Demand& demand, std::chrono::sys_seconds at);

}  // namespace touchstone::verify
