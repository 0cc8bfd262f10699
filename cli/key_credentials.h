// What changing a device wants from the user: PINs, passphrases, management keys, and consent.
#pragma once

#include <string>
#include <vector>

#include "base/key_device.h"
#include "cli/shared/application.h"
#include "hsm/keys.h"

namespace touchstone::cli {

// Whose PIN may come from the environment: TOUCHSTONE_PIN is for the key of the command, and must
// not be presented to another one.
enum class PinVariable : std::uint8_t { used, ignored };

// --pin-file and --management-key.
class CredentialOptions {
 public:
  CredentialOptions() = default;
  CredentialOptions(std::string pin_file, PinVariable variable)
      : pin_file_(std::move(pin_file)), variable_(variable) {}

  void declare(CLI::App& command);

  // For opening devices: whether a management key is at hand, and a notice when a touch is awaited.
  hsm::KeyOptions key_options() const;

  // Obtains what the change wants and presents it, once.
  // Errors: device.*, usage.not-confirmed, internal.interrupted.
  Status authorize(hsm::KeyManager& manager, hsm::Change change) const;

  // Unlocks `key` for one signature, and where the manager wants the same PIN, presents it to both:
  // it is asked for once.
  // Errors: as above.
  Status unlock(KeyDevice& key, hsm::KeyManager* manager, hsm::Change change) const;

 private:
  Result<Secret> user_pin(const KeyDescription& key) const;

  std::string pin_file_;
  PinVariable variable_ = PinVariable::used;
  std::string management_key_;
};

// Whether what is named may go: `yes` is -y, else the terminal is asked.
// Errors: usage.not-confirmed, internal.interrupted.
Status confirm_removal(std::string_view verb, const std::vector<std::string>& things,
                       const hsm::KeyPlace& place, bool yes);

// Without -y and without a terminal, nothing can be confirmed: known before any PIN is asked.
// Errors: usage.not-confirmed.
Status can_confirm(bool yes);

}  // namespace touchstone::cli
