// A private key in a PEM file, as a key device.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/key_device.h"
#include "base/result.h"

namespace touchstone::hsm {

// Reads the file; the key of an encrypted one is known after unlock() with its passphrase.
// Errors: usage.file, limit.size, device.key-file, policy.weak-key.
Result<std::unique_ptr<KeyDevice>> open_key_file(std::string_view path);

}  // namespace touchstone::hsm
