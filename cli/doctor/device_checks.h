// Key devices: smart cards through pcscd, and PKCS#11 modules with their tokens. No PIN is asked,
// and no try of one is spent. What is not ours runs in a child (cli/doctor/child.h).
#pragma once

#include <string>
#include <vector>

#include "base/limits.h"
#include "cli/doctor/findings.h"
#include "hsm/card_link.h"
#include "hsm/module.h"
#include "hsm/module_search.h"
#include "hsm/piv_card.h"

namespace touchstone::cli {

// The service, each reader, each card.
Findings check_smart_cards();

// Each module, and the tokens in it. With `module`, that one alone, and what is wrong with it is a
// problem; of the machine's own modules, one that says properly that it cannot work is a warning.
Findings check_modules(const std::string& module);

// The parts, for tests.

// What it means that no reader can be asked: a problem when somebody means to use one, as a
// YubiKey on USB or a service that is set up shows; else a warning.
struct CardSigns {
  bool yubikey_on_usb = false;
  bool service_is_set_up = false;
};
Finding without_service(const Error& error, const CardSigns& signs);

Findings look_at_readers(hsm::CardReaders& readers, const CardSigns& signs);
Finding judge_card(const hsm::PivCard& card, const std::optional<hsm::PinTries>& tries);
Finding judge_token(const hsm::Token& token);

// Whether Yubico's vendor number stands in a folder like /sys/bus/usb/devices.
bool has_yubikey(const std::string& usb_devices);

// The modules that were found, looked at side by side, each for as long as `timeout`.
Findings look_at_modules(const std::vector<hsm::FoundModule>& modules, bool named_by_user,
                         std::chrono::milliseconds timeout = limits::probe_timeout);

}  // namespace touchstone::cli
