// Whether provenance and the certificate of its signer tell the same story.
//
// A certificate of Fulcio's names the repository, ref and commit of the workflow to which it was
// issued. Whoever controls a job may write provenance as he likes, but not that certificate: what
// both of them say must be the same (as slsa-verifier has it). Spec: Fulcio's OID document.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "formats/provenance.h"

namespace touchstone::judge {

// By Fulcio's names for its extensions: {"source-repository-uri", "https://..."}.
using CertificateClaims = std::map<std::string, std::string>;

// Takes what the provenance leaves open about the source from the certificate, where it is of the
// same repository.
// Errors: provenance.mismatch.
Status agree(const CertificateClaims& claims, formats::Provenance& provenance);

}  // namespace touchstone::judge
