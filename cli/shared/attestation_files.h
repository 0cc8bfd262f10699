// Files of users that hold what a device attests of a key.
#pragma once

#include <string>
#include <vector>

#include "crypto/key_attestation.h"

namespace touchstone::cli {

// Errors: usage.file, limit.size, hardware.malformed, hardware.weak.
Result<std::vector<crypto::Certificate>> read_attestation_file(const std::string& name);

}  // namespace touchstone::cli
