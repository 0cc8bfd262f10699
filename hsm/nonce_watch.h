// A token whose random numbers repeat: two ECDSA signatures over different messages with the same r
// were made with one secret number, and whoever sees both can compute the private key.
#pragma once

#include <memory>

#include "base/key_device.h"

namespace touchstone::hsm {

// The same key; but a signature that would give it away beside an earlier one of this object is
// not handed out, nor any after it. The same message may have the same signature: some devices
// take the number from the message (RFC 6979).
// Errors, of sign(): device.nonce, device.signature (not DER), and the key's own.
std::unique_ptr<KeyDevice> watch_nonces(std::unique_ptr<KeyDevice> key);

}  // namespace touchstone::hsm
