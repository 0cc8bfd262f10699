// SARIF 2.1.0, for code scanning: a result for each image that was not accepted.
//
// Spec: OASIS SARIF 2.1.0 with errata 01, and what GitHub's code scanning reads of it. Rules have
// our codes for ids (docs/decisions/0014-forms-of-reports.md). The location is the place where a
// file named the image, else "image/REPOSITORY", because consumers need one. The fingerprint is of
// rule, repository and policy rule, without the digest, so that an alert lasts over rebuilds.
#pragma once

#include <string>

#include "report/report.h"

namespace touchstone::report {

inline constexpr std::size_t max_sarif_results = 25'000;  // code scanning takes no more of a run

std::string to_sarif(const Input& input);

}  // namespace touchstone::report
