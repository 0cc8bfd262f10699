// What there is to say about keys, for people and for programs.
#pragma once

#include <span>
#include <string>

#include "base/key_device.h"

namespace touchstone::cli {

// One thing a line.
std::string describe(const KeyDescription& key);

// docs/reference/json.md, "Keys".
std::string to_json(std::span<const KeyDescription> keys);

}  // namespace touchstone::cli
