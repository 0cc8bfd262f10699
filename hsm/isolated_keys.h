// Keys on PKCS#11 tokens, each used through a process that holds its module (hsm/module_process.h).
//
// The same things, errors and promises as in hsm/pkcs11_device.h, hsm/pkcs11_manager.h and
// hsm/pkcs11_pins.h; besides them, of each: device.module-died when the module ended its process,
// device.timeout when it did not answer in time, device.module when its answer is none. After one
// of these the module is not used again, and the next to open it starts anew. What it had changed
// by then cannot be seen.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "hsm/key_manager.h"
#include "hsm/pkcs11_uri.h"

namespace touchstone::hsm {

// How long a module may take.
struct ModulePatience {
  std::chrono::milliseconds start = limits::module_start_timeout;
  std::chrono::milliseconds answer = limits::module_answer_timeout;
};

Result<std::unique_ptr<KeyDevice>> open_isolated_key(const Pkcs11Uri& uri,
                                                     const std::string& module_path,
                                                     const ModulePatience& patience);

Result<std::unique_ptr<KeyManager>> open_isolated_key_manager(const Pkcs11Uri& uri,
                                                              const std::string& module_path,
                                                              const ModulePatience& patience);

Result<std::unique_ptr<PinManager>> open_isolated_pin_manager(const Pkcs11Uri& uri,
                                                              const std::string& module_path,
                                                              const ModulePatience& patience);

Result<std::vector<KeyDescription>> list_isolated_keys(const Pkcs11Uri& uri,
                                                       const std::string& module_path,
                                                       const ModulePatience& patience);

Result<crypto::PublicKey> read_isolated_public_key(const Pkcs11Uri& uri,
                                                   const std::string& module_path,
                                                   const ModulePatience& patience);

}  // namespace touchstone::hsm
