// Where a PIN comes from: --pin-file, TOUCHSTONE_PIN, the URI's pin-source, then the terminal. Never
// from the command line; asked once, and never tried again by this program.
//
// A PIN file is a regular file, no link, that only its owner can read (also "fd:N", an open
// descriptor); one line break at its end is left off. The prompt goes to /dev/tty with echo off, and
// says how many tries are left as far as the device tells. With one try left, a terminal is asked
// first and anything else is refused.
#pragma once

#include <optional>
#include <string>

#include "base/key_device.h"

namespace touchstone::cli {

struct PinSources {
  std::string file;                      // --pin-file; empty: none
  std::optional<std::string> variable;  // $TOUCHSTONE_PIN
};

// Errors: device.pin-needed, device.pin-unusable, device.pin-last-try, device.pin-locked.
Result<Secret> obtain_pin(const KeyDescription& key, const PinSources& sources,
                          std::size_t signatures);

// Keeps this process out of core dumps and away from debuggers while a PIN is in it.
void forbid_core_dumps();

}  // namespace touchstone::cli
