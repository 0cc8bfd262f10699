// A loaded PKCS#11 module and its tokens, through libp11.
//
// libp11 0.4.12 loads, starts and stops the module and lists its tokens. Sessions, login and
// signatures go to the module directly (hsm/token_session.h): libp11's sessions wait without end
// when a token was pulled, its login keeps an unlocked copy of the PIN, PKCS11_update_slots() reads
// past its array, and PKCS11_release_all_slots() ends everybody's sessions.
//
// Cryptoki's state belongs to the process (one C_Initialize, one login a token), so there is one
// Module a file: whoever loads it while another holds it gets the same. It must not be used after
// fork(). Callers hold the lock and a StdoutGuard while they call it or its functions.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/key_device.h"
#include "base/result.h"
#include "hsm/cryptoki.h"
#include "hsm/pkcs11_uri.h"

namespace touchstone::hsm {

// An initialised token in its slot, blank padding removed. The text is the token's own: print it
// through printable().
struct Token {
  ck::SlotId slot_id = 0;
  std::string label;
  std::string manufacturer;
  std::string model;
  std::string serial;
  std::string slot_description;
  std::string slot_manufacturer;
  bool login_required = false;
  bool own_keypad = false;  // CKF_PROTECTED_AUTHENTICATION_PATH: the device asks for the PIN itself
  KeyDescription::Tries tries = KeyDescription::Tries::unknown;          // of the user's PIN
  KeyDescription::Tries officer_tries = KeyDescription::Tries::unknown;  // of the officer's
};

class Module {
 public:
  // Loads what safe_module() allows.
  // Errors: policy.unsafe-module, device.module.
  static Result<std::shared_ptr<Module>> load(const std::string& path);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  // The tokens that are there now, with their flags of now. Empty slots and tokens that were never
  // initialised are left out.
  // Errors: device.module (absurd counts), device.failed.
  Result<std::vector<Token>> tokens();

  // How long the token lets a PIN be, in bytes.
  // Errors: device.removed, device.failed.
  struct PinLengths {
    std::size_t min = 0;
    std::size_t max = 0;
  };
  Result<PinLengths> pin_lengths(ck::SlotId slot_id) const;

  // Whether the library attributes of `uri` fit this module.
  bool matches(const Pkcs11Uri& uri) const;

  // The login belongs to the token, not to one key: these count who still needs it. True for the
  // last one to leave.
  void entered(ck::SlotId slot_id) { ++logins_[slot_id]; }
  bool left(ck::SlotId slot_id) { return --logins_[slot_id] <= 0; }

  const ck::FunctionList& functions() const { return *functions_; }
  std::recursive_mutex& mutex() { return mutex_; }
  bool loaded_by_this_process() const;

 private:
  struct Libp11;
  Module() = default;
  Status start(const std::string& path);

  std::unique_ptr<Libp11> libp11_;
  const ck::FunctionList* functions_ = nullptr;
  void* library_ = nullptr;
  int process_ = 0;
  std::map<ck::SlotId, int> logins_;
  std::recursive_mutex mutex_;
};

// Whether the token and slot attributes of `uri` fit.
bool matches(const Token& token, const Pkcs11Uri& uri);

// For people: SoftHSM v2 token "rel" (serial 8a1c).
std::string name_of(const Token& token);

}  // namespace touchstone::hsm
