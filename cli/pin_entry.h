// Where the PIN of a key device (or the passphrase of a key file) comes from.
//
// In this order: --pin-file, TOUCHSTONE_PIN, COSIGN_PASSWORD (for cosign's key files alone, whose
// passphrase may be empty), the URI's pin-source, the terminal. The first that is
// given decides: when it cannot be used, that is an error, and no other is tried. The PIN is asked
// for once. A PIN that is blocked is never asked for; before the last try somebody must say yes.
// No message holds a PIN.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/key_device.h"
#include "base/result.h"
#include "base/secret.h"
#include "cli/terminal.h"

namespace touchstone::cli {

struct PinSources {
  std::string pin_file;                               // a path or "fd:N"; empty when not given
  std::optional<std::string_view> variable;           // the value of TOUCHSTONE_PIN
  std::size_t signatures = 1;                         // how many will be made, for the prompt
  std::optional<std::string_view> cosign_variable{};  // the value of COSIGN_PASSWORD, empty or not
};

// A PIN file is a regular file (no link), readable by its owner alone, who is root or the user. It
// holds the PIN and at most one line break after it. A descriptor is read to its end, under the
// same rule for its content; it must not be a terminal. From here on the process writes no core
// dump.
// Errors: device.pin-locked, device.pin-last-try, device.pin-needed, device.pin-unusable,
// usage.not-confirmed, internal.interrupted.
Result<Secret> obtain_pin(const KeyDescription& key, const PinSources& sources, Terminal& terminal);

// Any other secret: the PIN of a security officer, a new PIN, a management key.
struct SecretRequest {
  std::string noun;    // "SO PIN", "new PIN", "passphrase"
  std::string device;  // what it is for, as in KeyDescription
  KeyDescription::Tries tries = KeyDescription::Tries::unknown;
  Code when_locked = Code::device_pin_locked;
  std::string file;  // a path or "fd:N"; empty when not given
  std::optional<std::string_view> variable;
  std::string source;         // a URI's pin-source
  bool may_be_empty = false;  // cosign's key files know an empty passphrase
};

// From the first source that is given, as above; asked for once, and never when it is blocked.
// Errors: as obtain_pin(), and `when_locked`.
Result<Secret> obtain_secret(const SecretRequest& request, Terminal& terminal);

// One that is being chosen: on a terminal it is typed twice.
// Errors: as above; device.pin-unfit when the two differ.
Result<Secret> obtain_new_secret(const SecretRequest& request, Terminal& terminal);

// No core dumps, and no tracing by other processes of the user, until the process ends.
void forbid_core_dumps();

}  // namespace touchstone::cli
