// The public half of a key on a token, from whichever of its objects tells it.
#pragma once

#include <optional>

#include "base/result.h"
#include "crypto/public_key.h"
#include "hsm/token_session.h"

namespace touchstone::hsm {

// From one public (or talkative private) key object: CKA_PUBLIC_KEY_INFO, or the RSA or EC
// attributes. EC points may be wrapped in an OCTET STRING or bare, uncompressed; Edwards keys may
// name their curve by OID or as "edwards25519". Absent when the object does not tell.
// Errors: device.algorithm (a kind that is not supported), device.*.
Result<std::optional<crypto::PublicKey>> public_key_of_key(TokenSession& session, ck::Object key);

// From one certificate object; it proves nothing here, its key is taken.
// Errors: device.algorithm, device.*.
Result<std::optional<crypto::PublicKey>> public_key_of_certificate(TokenSession& session,
                                                                   ck::Object certificate);

// From the certificates with this label and id. Absent when there are none or their keys differ.
// Errors: device.algorithm, device.*.
Result<std::optional<crypto::PublicKey>> certificate_key(TokenSession& session,
                                                         const std::optional<std::string>& label,
                                                         const std::optional<Bytes>& id);

// For the private key with this id and label: its public key object, else itself when `private_key`
// is there, else its certificates, when they agree. Absent when nothing visible tells.
// Errors: device.algorithm, device.*.
Result<std::optional<crypto::PublicKey>> find_public_key(TokenSession& session, const Bytes& id,
                                                         const std::string& label,
                                                         std::optional<ck::Object> private_key);

}  // namespace touchstone::hsm
