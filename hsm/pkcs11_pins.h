// The PINs of a PKCS#11 token: the user's, and the security officer's, which serves as its PUK.
#pragma once

#include <memory>
#include <string>

#include "hsm/key_manager.h"
#include "hsm/pkcs11_uri.h"

namespace touchstone::hsm {

// Tokens have no management key, and those with a keypad of their own change PINs there:
// device.unsupported.
// Errors: policy.unsafe-module, device.module, device.not-found, device.ambiguous, device.*.
Result<std::unique_ptr<PinManager>> open_token_pin_manager(const Pkcs11Uri& uri,
                                                           const std::string& module_path);

}  // namespace touchstone::hsm
