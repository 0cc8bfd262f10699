// What a module's return value means, in our codes.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "hsm/cryptoki.h"

namespace touchstone::hsm {

// `what` says what was attempted: "signing". The number is in the message, for the vendor's manual.
// Codes: device.pin-wrong, device.pin-locked, device.removed, device.algorithm, device.pin-needed,
// device.unsupported, device.pin-unfit, device.failed.
Error cryptoki_error(ck::Rv value, std::string_view what);

}  // namespace touchstone::hsm
