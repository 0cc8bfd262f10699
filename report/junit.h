// JUnit's XML: a test case for each image.
//
// Spec: the schema of Apache Ant's JUnit tasks, which is the strictest of those in use. Refused is
// a failure, undecided an error, and what a rule in audit mode let pass is skipped.
#pragma once

#include <string>

#include "judge/verdict.h"

namespace touchstone::report {

std::string to_junit(const judge::Report& report);

}  // namespace touchstone::report
