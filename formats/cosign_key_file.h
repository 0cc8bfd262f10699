// What stands in the PEM block of a key file that `cosign generate-key-pair`
// made.
//
// Spec: cosign's encrypted key files, after go-securesystemslib's `encrypted`
// package: a JSON object with `kdf` (scrypt), `cipher` (nacl/secretbox) and
// `ciphertext`. Refused: other members, names of other functions, malformed
// base64, parameters that are no unsigned integers.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/encrypted_key.h"

namespace touchstone::formats {

// Whether PEM blocks of this type are such files: "ENCRYPTED SIGSTORE PRIVATE
// KEY", and the older "ENCRYPTED COSIGN PRIVATE KEY".
bool is_cosign_key_type(std::string_view pem_type);

// The bounds of scrypt's parameters are checked where the key is opened.
// Errors: format.key, limit.*.
Result<crypto::EncryptedKey> parse_cosign_key(ByteView content);

}  // namespace touchstone::formats
