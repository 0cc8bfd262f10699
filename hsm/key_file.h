// A private key in a PEM file, as a key device.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/key_device.h"
#include "base/result.h"
#include "crypto/private_key.h"

namespace touchstone::hsm {

// The types of PEM that a private key may be in: those of crypto::PrivateKey::from_pem, and
// cosign's encrypted files (formats/cosign_key_file.h).
bool is_encrypted_key(ByteView pem);
bool is_cosign_key(ByteView pem);

// `passphrase` is used for the encrypted types only.
// Errors: format.key, device.pin-wrong, device.pin-needed (encrypted, and none is given),
// policy.weak-key, limit.*.
Result<crypto::PrivateKey> read_private_key(ByteView pem, const Secret* passphrase);

// Reads the file; the key of an encrypted one is known after unlock() with its passphrase.
// Errors: usage.file, limit.size, device.key-file, policy.weak-key.
Result<std::unique_ptr<KeyDevice>> open_key_file(std::string_view path);

}  // namespace touchstone::hsm
