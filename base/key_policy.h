// The words for what a key wants before it signs, as options take them and reports say them.
#pragma once

#include <optional>
#include <string_view>

#include "base/key_device.h"

namespace touchstone {

std::string_view word(PinPolicy policy);    // "never", "once", "always"; unspecified: "unknown"
std::string_view word(TouchPolicy policy);  // "never", "always", "cached"; unknown: "unknown"

// What a word asks for. Absent for any other, "unknown" too.
std::optional<PinPolicy> pin_policy(std::string_view word);
std::optional<TouchPolicy> touch_policy(std::string_view word);

}  // namespace touchstone
