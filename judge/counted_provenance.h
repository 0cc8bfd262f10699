// Provenance that counts for a builder: its signer is the builder's, it names the builder's id, and
// it says nothing else than its signer's certificate.
#pragma once

#include <vector>

#include "formats/provenance.h"
#include "judge/attested.h"
#include "policy/document.h"

namespace touchstone::judge {

struct CountedProvenance {
  const verify::Evidence* evidence;
  formats::Provenance provenance;
};

// Of evidence whose signer is the builder's. What is passed over leaves its reason:
// predicate.malformed, provenance.builder, provenance.mismatch.
std::vector<CountedProvenance> counted_provenance(std::span<const verify::Evidence* const> evidence,
                                                  const policy::Builder& builder, Reasons& reasons);

}  // namespace touchstone::judge
