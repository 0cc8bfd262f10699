// A verification in words and in JSON.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "formats/json.h"
#include "verify/verify_image.h"

namespace touchstone::verify {

// The lines about one image for people, without the program's name: what was decided, what was
// wanted, what was found, what to do. Safe to show on a terminal.
std::vector<std::string> describe(const ImageReport& report, const Demand& demand);

// Whose signatures would do: "a signature by key release.pub, ECDSA P-256", the first ten. And what
// is asked of the hardware, where something is.
std::vector<std::string> describe_signers(const Demand& demand);
std::optional<std::string> describe_hardware(const Demand& demand);

// The whole run as one JSON document (docs/reference/json.md), `version` 1; and its text.
formats::Json to_document(const std::vector<ImageReport>& reports, const Demand& demand,
                          std::chrono::sys_seconds now);
std::string to_json(const std::vector<ImageReport>& reports, const Demand& demand,
                    std::chrono::sys_seconds now);

}  // namespace touchstone::verify
