// The one spelling of a JSON value, to be hashed.
//
// Spec: RFC 8785 (JCS), for what I-JSON can hold without a fraction: members sorted by the UTF-16
// units of their names, no blanks, strings escaped as little as can be.
#pragma once

#include <string>

#include "base/result.h"
#include "formats/json.h"

namespace touchstone::formats {

// Refused: numbers with a fraction or exponent, and integers beyond 2^53.
// Errors: format.json.
Result<std::string> canonical_json(const Json& value);

}  // namespace touchstone::formats
