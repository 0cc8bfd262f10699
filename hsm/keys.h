// Keys by the names that users give them.
//
// A name is a PKCS#11 URI (RFC 7512) or the path of a private key in PEM. Names of PIV cards are
// refused with a message of their own.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/key_device.h"
#include "base/result.h"
#include "crypto/public_key.h"
#include "hsm/key_manager.h"
#include "hsm/module_path.h"

namespace touchstone::hsm {

struct KeyOptions {
  // The PKCS#11 module for URIs that name none; empty: p11-kit's proxy.
  std::string module_path;
  // Where modules are looked up by name.
  std::vector<std::string> folders = module_folders();
};

// Whether `key` names a device rather than a file: it begins with "pkcs11:", "yubikey:" or "piv:".
bool names_device(std::string_view key);

// Opens a key for signing; no PIN is asked or needed yet. A key file is read here, an encrypted one
// decrypted by unlock().
// Errors: usage.key-uri, usage.pin-in-arguments, usage.file, policy.unsafe-module, device.*.
Result<std::unique_ptr<KeyDevice>> open_key(std::string_view key, const KeyOptions& options = {});

// The keys that can be seen without a PIN: those that fit the URI, or all when it is empty.
// Errors: as open_key(), but for device.not-found and device.ambiguous.
Result<std::vector<KeyDescription>> list_keys(std::string_view uri, const KeyOptions& options = {});

// The public key that a PKCS#11 URI names, without a PIN: of a key or certificate on the token.
// Errors: as open_key(); device.key-not-found when it is only known after login.
Result<crypto::PublicKey> read_public_key(std::string_view uri, const KeyOptions& options = {});

// The place of one key, for making, replacing or removing it; no PIN is asked yet.
// Errors: as open_key().
Result<std::unique_ptr<KeyManager>> open_key_manager(std::string_view key,
                                                     const KeyOptions& options = {});

// The device that `name` names, for changing its PINs. What the name says of a key does not matter.
// Errors: as open_key().
Result<std::unique_ptr<PinManager>> open_pin_manager(std::string_view name,
                                                     const KeyOptions& options = {});

}  // namespace touchstone::hsm
