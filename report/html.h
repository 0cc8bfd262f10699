// One page for people: each image, how it is trusted as a picture, and the requirements.
//
// Whole in itself: no script, nothing loaded, and its content security policy forbids both; the one
// style is named there by its hash. Light or dark as the reader's system is.
#pragma once

#include <string>

#include "report/report.h"

namespace touchstone::report {

std::string to_html(const Input& input);

}  // namespace touchstone::report
