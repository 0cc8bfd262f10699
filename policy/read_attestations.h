// The requirements on attestations, one function for each key; read_requirements.cc calls them.
#pragma once

#include "policy/read_roots.h"

namespace touchstone::policy {

// Errors, of all: policy.*.
Result<Provenance> read_provenance(const Fields& fields, const Reading& reading);
Result<Sbom> read_sbom(const Fields& fields, const Reading& reading);
Result<Vulnerabilities> read_vulnerabilities(const Fields& fields, const Reading& reading);
Result<PredicateCheck> read_predicate(const Fields& fields, const Reading& reading);
Result<Summary> read_summary(const Fields& fields, const Reading& reading);

}  // namespace touchstone::policy
