// The report for programs: one document (docs/reference/json.md), `version` 1.
#pragma once

#include <string>

#include "report/report.h"

namespace touchstone::report {

// Everything that a verdict rests on, for each image. Of images that were judged without a policy,
// what was asked for and each signature besides, as it always was. Valid JSON whatever the texts
// hold, and safe to look at on a terminal.
std::string to_json(const Input& input);

// One text as JSON. One that strict parsers refuse, with a NUL or with bytes that are no UTF-8, is
// given as printable() shows it.
formats::Json json_text(std::string_view text);

}  // namespace touchstone::report
