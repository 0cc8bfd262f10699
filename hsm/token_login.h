// Logging in to the token that was chosen, by one attempt: never when its PIN is blocked, and never
// to another token that sits in its slot by now.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "hsm/module.h"
#include "hsm/token_session.h"

namespace touchstone::hsm {

// `token` as it is now, with its flags of now.
// Errors: device.removed (also when another is in its place), device.module, device.failed.
Status refresh(Module& module, Token& token);

// What can be done with a PIN at all: not empty, no NUL, not longer than any.
// Errors: device.pin-needed, device.pin-unusable.
Status check_pin(const Secret& pin);

// Logs the user in; null: the token has a keypad of its own. `token` is refreshed before, and after
// a wrong PIN, whose error says how many tries are left as far as the token tells.
// Errors: device.pin-wrong, device.pin-locked, device.removed, device.failed.
Status log_in_user(TokenSession& session, Module& module, Token& token, const Secret* pin);

// After a PIN was refused: the same error with the tries that are left.
Error with_tries(Error error, Module& module, Token& token);

Error pin_blocked(const Token& token);

// PKCS#11 v2.40 section 5.4: after fork() a child must initialise anew.
// Errors: device.failed.
Status check_process(const Module& module);

}  // namespace touchstone::hsm
