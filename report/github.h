// Annotations on GitHub: workflow commands on standard output.
//
// Spec: GitHub Actions, "Workflow commands". Messages have %, CR and LF escaped, properties also
// ':' and ','; GitHub shows some ten of each level a step, so the last one counts the rest.
#pragma once

#include <string>

#include "judge/verdict.h"

namespace touchstone::report {

// "::error" for each image that is refused or undecided, "::warning" for each that a rule in audit
// mode let pass, "::notice" with the counts. At the place where a file named the image.
std::string to_github(const judge::Report& report);

}  // namespace touchstone::report
