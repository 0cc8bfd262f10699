// SLSA verification summaries: the verdict, for whoever decides later.
//
// Spec: SLSA v1.1, verification_summary v1, in a statement of in-toto v1. PASSED is said of an
// image that the policy accepts as it stands: not of one that audit mode or `on_error` let pass,
// nor of one by an exception, for an exception ends and a summary does not. Nothing is said of an
// image that could not be looked at. No input attestations are listed: the list must be whole or
// absent.
#pragma once

#include <string>
#include <vector>

#include "base/digest.h"
#include "report/report.h"

namespace touchstone::report {

struct SummaryStatement {
  Digest image;
  std::string text;  // the statement, JSON
};

// In the order of the report.
std::vector<SummaryStatement> summaries(const Input& input);

// The statements, one a line.
std::string to_vsa(const Input& input);

}  // namespace touchstone::report
