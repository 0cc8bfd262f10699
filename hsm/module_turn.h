// One process of this program after another, where a module does not stand two at once: SoftHSM
// notes each login in the token's file, and takes a token that it reads at that moment for broken.
#pragma once

#include <string>

#include "base/files.h"

namespace touchstone::hsm {

// A turn at the module in this file, until the end of the object. It is waited for, and not for
// ever: a process that does not give it back keeps nobody out.
class ModuleTurn {
 public:
  explicit ModuleTurn(const std::string& module_path);

 private:
  Descriptor file_;  // locked (flock); closing it ends the turn
};

}  // namespace touchstone::hsm
