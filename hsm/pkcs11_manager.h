// Making, replacing and removing keys and certificates on a PKCS#11 token.
//
// A key is a private and a public object and any certificates with one CKA_ID. What replaces
// something is made, read back and tested first; only then the old goes. So the token must have
// room for both.
#pragma once

#include <memory>
#include <string>

#include "hsm/key_manager.h"
#include "hsm/pkcs11_uri.h"

namespace touchstone::hsm {

// The key of `uri` need not be there. To make one, the URI must say its label (object=) and may say
// its id; else the id is random.
// Errors: policy.unsafe-module, device.module, device.not-found, device.ambiguous, device.*.
Result<std::unique_ptr<KeyManager>> open_token_key_manager(const Pkcs11Uri& uri,
                                                           const std::string& module_path);

}  // namespace touchstone::hsm
