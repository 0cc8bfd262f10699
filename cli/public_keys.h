// Public keys by name: a file, or a key device.
#pragma once

#include <string>

#include "base/result.h"
#include "crypto/public_key.h"

namespace touchstone::cli {

// Errors: usage.file, usage.key-uri, format.key, policy.weak-key, device.*.
Result<crypto::PublicKey> read_public_key(const std::string& name);

}  // namespace touchstone::cli
