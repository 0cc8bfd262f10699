// From a candidate to evidence: the step-by-step verifier of one signature.
//
// Spec: sigstore client specification, "Verification", for bundles with managed keys; cosign's
// bundle specification for what an image signature is. In the order of the steps:
//   1. the bundle parses                                      format.bundle, limit.*
//   2. it is by a key where keys were asked for, by a         certificate.unexpected,
//      certificate where authorities were                     certificate.missing
//   3. it holds an envelope, not a bare message signature     binding.message
//   4. the envelope's payload is an in-toto statement by type binding.payload
//   5. a certificate leads to one of the authorities          certificate.*, time.certificate
//      and the signature over the envelope verifies with its key, or with one of the signers' keys,
//      under the closed table of key and hash pairs           identity.mismatch, signature.invalid
//   6. only now the payload is parsed                         format.statement, limit.*
//   7. one of its subjects is the image                       binding.digest
//   8. its predicate is that of an image signature            binding.type
#pragma once

#include <span>

#include "verify/certify.h"
#include "verify/evidence.h"

namespace touchstone::verify {

// Never touches the network, a clock or a file. Transparency logs and timestamps in the bundle are
// not consulted for managed keys, nor for certificates of own authorities, whose whole path must be
// valid at `authorities.at`.
// A layer of cosign's legacy form goes through the steps of verify/examine_simple_signing.h
// instead.
Result<Evidence> examine(const Candidate& candidate, const Image& image,
                         std::span<const TrustedSigner> signers,
                         const Authorities& authorities = {});

}  // namespace touchstone::verify
