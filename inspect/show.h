// An inspection for people and for programs. All of it is safe to look at.
#pragma once

#include <string>

#include "base/reference.h"
#include "inspect/inspection.h"

namespace touchstone::inspect {

// A tree, two blanks a level; its second line says that nothing was verified.
std::string describe(const Inspection& inspection, const Reference& reference);

// docs/reference/json.md, "Inspect".
std::string to_json(const Inspection& inspection, const Reference& reference);

}  // namespace touchstone::inspect
