// JSON for tests, from text that is right.
#pragma once

#include <string_view>

#include "formats/json.h"

namespace touchstone::support {

formats::Json json(std::string_view text);

}  // namespace touchstone::support
