// A verification in words and in JSON.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "verify/verify_image.h"

namespace touchstone::verify {

// The lines about one image for people, without the program's name: what was decided, what was
// wanted, what was found, what to do. Safe to show on a terminal.
std::vector<std::string> describe(const ImageReport& report, const Demand& demand);

// The whole run as one JSON document (docs/reference/json.md), `version` 1.
std::string to_json(const std::vector<ImageReport>& reports, const Demand& demand,
                    std::chrono::sys_seconds now);

}  // namespace touchstone::verify
