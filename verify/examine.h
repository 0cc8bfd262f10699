// From a candidate to evidence: the step-by-step verifier of one signature.
//
// Spec: sigstore client specification, "Verification"; cosign's bundle specification for what an
// image signature is. In the order of the steps:
//   1. the bundle parses                                      format.bundle, limit.*
//   2. it holds what is wanted: an envelope for images and    binding.message, binding.type
//      attestations, a message signature for files
//   3. an envelope's payload is an in-toto statement by type  binding.payload
//      a message's digest is that of the artifact             binding.digest
//   4. it is somebody's who counts, witnessed as the demand   as find_signer()
//      says, and verifies under the closed table of key and
//      hash pairs
//   5. only now an envelope's payload is parsed               format.statement, limit.*
//   6. one of its subjects is the artifact                    binding.digest
//   7. its predicate is of the kind that is wanted            binding.type
#pragma once

#include <chrono>

#include "verify/evidence.h"

namespace touchstone::verify {

// Never touches the network, a clock or a file. `at` is the time by which authorities are judged
// whose signatures nobody witnessed.
// Layers of cosign's legacy form go through the steps of verify/examine_simple_signing.h and
// verify/examine_attached_envelope.h instead.
Result<Evidence> examine(const Candidate& candidate, const Artifact& artifact, const Demand& demand,
                         std::chrono::sys_seconds at);

}  // namespace touchstone::verify
