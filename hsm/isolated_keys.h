// Keys on PKCS#11 tokens, each used through a process that holds its module (hsm/module_process.h).
//
// The same things, errors and promises as in hsm/pkcs11_device.h, hsm/pkcs11_manager.h and
// hsm/pkcs11_pins.h; besides them, of each: device.module-died when the module ended its process,
// device.timeout when it did not answer in time, device.module when its answer is none. After one
// of these the module is not used again, and the next to open it starts anew. What it had changed
// by then cannot be seen.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "hsm/key_manager.h"
#include "hsm/pkcs11_uri.h"

namespace touchstone::hsm {

// Told what is waited for: 'SoftHSM token "rel" (serial 8a1c)'. It may want a touch, or a PIN typed
// on its own keypad, and gives no other sign of it.
using OnWait = std::function<void(const std::string& device)>;

// How long a module may take, and who is told when signing or logging in takes longer than
// `notice`.
struct ModulePatience {
  std::chrono::milliseconds start = limits::module_start_timeout;
  std::chrono::milliseconds answer = limits::module_answer_timeout;
  std::chrono::milliseconds notice = std::chrono::seconds(2);  // HSMs over a network take 0.5 s
  OnWait on_wait = {};
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
