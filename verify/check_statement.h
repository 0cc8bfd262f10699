// From a signed envelope to what it says: the steps that come after the signature, for every form
// in which an envelope lies.
//
// Spec: in-toto Attestation Framework v1, "Validation model". In the order of the steps:
//   1. the payload is a statement                             format.statement, limit.*
//   2. one of its subjects is the artifact                    binding.digest
//   3. its predicate is of the kind that is wanted            binding.type
#pragma once

#include "formats/dsse.h"
#include "verify/evidence.h"

namespace touchstone::verify {

// An envelope of another payload type says nothing that could be bound to an artifact. Checked
// before the signature is: the type is under it.
// Errors: binding.payload.
Status check_payload_type(const formats::DsseEnvelope& envelope);

// The envelope's signature was verified. Adds the statement and its annotations to the evidence.
Status check_statement(const formats::DsseEnvelope& envelope, const Artifact& artifact,
                       const WantedContent& wanted, Evidence& evidence);

}  // namespace touchstone::verify
