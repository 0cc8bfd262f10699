#include "cli/key_credentials.h"

#include "base/text.h"
#include "cli/device_options.h"
#include "cli/pin_entry.h"
#include "cli/shared/output.h"
#include "cli/shared/system.h"
#include "cli/terminal.h"

namespace touchstone::cli {
namespace {

KeyDescription description_of(const hsm::KeyPlace& place) {
  KeyDescription description;
  description.device = place.device;
  description.hardware = place.hardware;
  description.needs_pin = true;
  description.pin_source = place.pin_source;
  description.tries = place.tries;
  return description;
}

Result<Secret> obtain_management_key(const hsm::KeyPlace& place, const std::string& file) {
  SecretRequest request;
  request.noun = "management key";
  request.device = place.device;
  request.file = file;
  ControllingTerminal terminal;
  if (file.empty() && !terminal.present()) {
    return Error{Code::device_management_key, place.device + " wants its management key", ""};
  }
  return obtain_secret(request, terminal);
}

Result<Secret> obtain_passphrase(const hsm::KeyPlace& place, const std::string& file) {
  SecretRequest request;
  request.noun = "new passphrase";
  request.device = place.device;
  request.file = file;
  request.variable = pin_variable();
  ControllingTerminal terminal;
  return obtain_new_secret(request, terminal);
}

}  // namespace

Result<Secret> CredentialOptions::user_pin(const KeyDescription& key) const {
  PinSources sources;
  sources.pin_file = pin_file_;
  if (variable_ == PinVariable::used) {
    sources.variable = pin_variable();
    sources.cosign_variable = cosign_password();
  }
  ControllingTerminal terminal;
  return obtain_pin(key, sources, terminal);
}

void CredentialOptions::declare(CLI::App& command) {
  command
      .add_option("--pin-file", pin_file_,
                  "read the PIN (of a key file: the passphrase) from FILE or descriptor fd:N")
      ->type_name("FILE");
  command
      .add_option("--management-key", management_key_,
                  "read a card's management key, as hex, from FILE or descriptor fd:N")
      ->type_name("FILE");
}

hsm::KeyOptions CredentialOptions::key_options() const {
  hsm::KeyOptions options = options_with_touch_notice();
  options.management_key_given = !management_key_.empty();
  return options;
}

Status CredentialOptions::authorize(hsm::KeyManager& manager, hsm::Change change) const {
  const hsm::KeyPlace& place = manager.place();
  for (const std::string& warning : place.warnings) say("warning: " + warning);
  switch (manager.needed_for(change)) {
    case hsm::Credential::none:
      return ok();
    case hsm::Credential::pin: {
      TS_TRY(Secret pin, user_pin(description_of(place)));
      return manager.authorize(std::move(pin));
    }
    case hsm::Credential::management_key: {
      TS_TRY(Secret key, obtain_management_key(place, management_key_));
      return manager.authorize(std::move(key));
    }
    case hsm::Credential::new_passphrase: {
      TS_TRY(Secret passphrase, obtain_passphrase(place, pin_file_));
      return manager.authorize(std::move(passphrase));
    }
  }
  return ok();
}

Status CredentialOptions::unlock(KeyDevice& key, hsm::KeyManager* manager,
                                 hsm::Change change) const {
  const bool same = manager != nullptr && manager->needed_for(change) == hsm::Credential::pin;
  if (key.describe().needs_pin) {
    TS_TRY(Secret pin, user_pin(key.describe()));
    if (!same) {
      TS_CHECK(key.unlock(std::move(pin)));
    } else {
      TS_CHECK(key.unlock(Secret(pin.reveal())));
      return manager->authorize(std::move(pin));
    }
  }
  return manager == nullptr ? ok() : authorize(*manager, change);
}

Status can_confirm(bool yes) {
  if (yes || ControllingTerminal().present()) return ok();
  return Error{Code::usage_not_confirmed, "nobody can be asked; nothing was changed", ""};
}

Status confirm_removal(std::string_view verb, const std::vector<std::string>& things,
                       const hsm::KeyPlace& place, bool yes) {
  if (things.empty() || yes) return ok();
  TS_CHECK(can_confirm(yes));
  ControllingTerminal terminal;
  const std::string question = "touchstone: " + std::string(verb) + " on " + place.device +
                               ":\n  " + join(things, "\n  ") +
                               "\nThis cannot be undone. Go on? (yes/no) ";
  TS_TRY(const bool agreed, terminal.confirm(question));
  if (agreed) return ok();
  return Error{Code::usage_not_confirmed, "nothing was changed", ""};
}

}  // namespace touchstone::cli
