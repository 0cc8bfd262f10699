// What the smart-card service answers, as our errors.
#pragma once

#include <string_view>

#include "base/result.h"

namespace touchstone::hsm {

// `value` is a return value of PC/SC other than success; `what` is what was being done.
// Device.no-service, device.not-allowed, device.busy, device.removed, device.not-found (no reader
// or no card), device.failed.
Error pcsc_error(long value, std::string_view what);

}  // namespace touchstone::hsm
