// A private key on a PKCS#11 token.
//
// Everything that does not need the PIN happens in open(): the token and, where the token shows its
// keys, the key are found and must be the only ones that fit. The PIN is presented once by
// unlock(), never when the token is already blocked. Each signature is checked with the public key
// before it is handed out.
//
// Signatures go to the module directly, not through libp11's EVP_PKEY: with one Ed25519 key on the
// token libp11 0.4.12 lists no key at all, it does not tell which keys want the PIN each time, and
// it believes the lengths the module gives.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/key_device.h"
#include "base/result.h"
#include "crypto/public_key.h"
#include "hsm/pkcs11_uri.h"

namespace touchstone::hsm {

// `uri` says which key, `module_path` where the module lies.
// Errors: policy.unsafe-module, device.module, device.not-found, device.key-not-found,
// device.ambiguous (the message lists the candidates), device.*.
Result<std::unique_ptr<KeyDevice>> open_token_key(const Pkcs11Uri& uri,
                                                  const std::string& module_path);

// Every key that fits and can be seen without a PIN.
// Errors: as above, but for not-found and ambiguous.
Result<std::vector<KeyDescription>> list_token_keys(const Pkcs11Uri& uri,
                                                    const std::string& module_path);

// The public key that fits, without a PIN: from a key object, else from a certificate.
// Errors: as open_token_key().
Result<crypto::PublicKey> read_token_public_key(const Pkcs11Uri& uri,
                                                const std::string& module_path);

}  // namespace touchstone::hsm
