#include "cli/public_keys.h"

#include "cli/shared/verify_command.h"
#include "hsm/keys.h"

namespace touchstone::cli {

Result<crypto::PublicKey> read_public_key(const std::string& name) {
  if (!hsm::names_device(name)) return read_public_key_file(name);
  return hsm::read_public_key(name);
}

}  // namespace touchstone::cli
