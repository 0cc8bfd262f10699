// Making, replacing and removing key files, and changing their passphrases.
//
// A new key file is always encrypted, readable by its owner alone from the moment it exists, and
// never takes the place of another file unless told so. Its certificate lies beside it, in the file
// of the same name with ".crt" after it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "hsm/key_manager.h"

namespace touchstone::hsm {

// A file that is there must hold a private key: no other is replaced or removed.
// Errors: usage.file, limit.size, device.key-file.
Result<std::unique_ptr<KeyManager>> open_key_file_manager(std::string_view path);

// Errors: usage.file, limit.size, device.key-file, device.unsupported (the file is not encrypted).
Result<std::unique_ptr<PinManager>> open_key_file_pins(std::string_view path);

}  // namespace touchstone::hsm
