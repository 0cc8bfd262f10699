// A payload in an envelope, signed by a device. Whoever publishes it verifies it first.
#pragma once

#include <string_view>

#include "base/key_device.h"
#include "crypto/public_key.h"
#include "formats/dsse.h"

namespace touchstone::sign {

// One signature of the device, which must be unlocked and hold `key`.
// Errors: device.*.
Result<formats::DsseEnvelope> sign_envelope(KeyDevice& device, const crypto::PublicKey& key,
                                            std::string_view payload_type, ByteView payload);

}  // namespace touchstone::sign
