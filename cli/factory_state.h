// What a device should lose before it holds a key: the PIN, the PUK and the management key that its
// maker set, and everybody knows.
#pragma once

#include <optional>

#include "base/result.h"
#include "base/secret.h"
#include "cli/terminal.h"
#include "hsm/key_manager.h"

namespace touchstone::cli {

// What was chosen, for the change that follows; absent where nothing was.
struct ChosenSecrets {
  std::optional<Secret> pin;
  std::optional<Secret> management_key;  // as hex; absent when it lies behind the PIN
  bool management_key_changed = false;
};

// Says what the device still has from its maker, and after a yes has it replaced step by step: PIN
// and PUK are typed twice; the management key is made at random, and kept on the device behind the
// PIN or in a new file that the user names. What does not fit is asked for again, a few times;
// after a no, nothing is changed. A step that fails ends it, and leaves those before it done.
// Errors: device.*, usage.file, internal.interrupted.
Result<ChosenSecrets> leave_factory_state(hsm::PinManager& pins, Terminal& terminal);

}  // namespace touchstone::cli
