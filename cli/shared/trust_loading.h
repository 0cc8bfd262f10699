// From the names of roots to the keys and authorities in them.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "verify/evidence.h"

namespace touchstone::cli {

// Adds the keys and authorities of each root to the demand. What is there already is not added.
// Errors: policy.root-name, policy.unknown-root, policy.unsafe-file, trust.*, limit.*.
Status add_roots(verify::Demand& demand, const std::string& folder,
                 const std::vector<std::string>& roots, const Clock& clock);

// The makers whose attestations count by `demand`: those that it names, else Yubico.
// Errors: policy.root-kind (a root of other things), and as above.
Result<std::vector<trust::HardwareVendor>> demanded_vendors(const verify::HardwareDemand& demand,
                                                            const std::string& folder,
                                                            const Clock& clock);

// Yubico, and every root of the store that holds authorities above attestations.
// Errors: trust.*, limit.*.
Result<std::vector<trust::HardwareVendor>> known_vendors(trust::TrustStore& store,
                                                         const Clock& clock);

}  // namespace touchstone::cli
