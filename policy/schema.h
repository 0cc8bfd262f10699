// The policy's form for editors: a JSON Schema of draft 2020-12, made from policy/grammar.h.
#pragma once

#include "formats/json.h"

namespace touchstone::policy {

formats::Json schema();

}  // namespace touchstone::policy
