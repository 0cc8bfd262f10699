#include "cli/device_options.h"

#include "cli/pin_entry.h"
#include "cli/shared/output.h"
#include "cli/terminal.h"

namespace touchstone::cli {
namespace {

// How long somebody has to stay with the device.
void tell_touches(const KeyDescription& key, std::size_t signatures) {
  if (signatures < 2) return;
  const std::string count = std::to_string(signatures);
  if (key.touch == TouchPolicy::always) say(key.device + " will want " + count + " touches");
  if (key.touch == TouchPolicy::cached) {
    say(key.device + " will want up to " + count + " touches: one does for some seconds");
  }
}

}  // namespace

hsm::KeyOptions options_with_touch_notice(std::shared_ptr<const std::size_t> signatures) {
  hsm::KeyOptions options;
  options.on_touch = [signatures = std::move(signatures)](const hsm::TouchNotice& notice) {
    const std::string count = *signatures > 1 ? " (" + std::to_string(notice.signature) + " of " +
                                                    std::to_string(*signatures) + ")"
                                              : "";
    say("touch " + notice.device + " now" + count);
  };
  options.patience.on_wait = [](const std::string& device) {
    say("waiting for " + device + "; it may want a touch, or its PIN on its own keypad");
  };
  return options;
}

void DeviceOptions::declare(CLI::App& command, Key key) {
  command.add_option("-k,--key", key_, "yubikey:SLOT, PKCS#11 URI, or a private key file in PEM")
      ->required(key == Key::required)
      ->type_name("KEY");
  declare_pin(command);
}

void DeviceOptions::declare_as(CLI::App& command, const std::string& name,
                               const std::string& description) {
  command.add_option(name, key_, description)->type_name("KEY");
  declare_pin(command);
}

void DeviceOptions::declare_pin(CLI::App& command) {
  command.add_option("--pin-file", pin_file_, "read the PIN from FILE or from descriptor fd:N")
      ->type_name("FILE");
}

Result<std::unique_ptr<KeyDevice>> DeviceOptions::open() const {
  return hsm::open_key(key_, options_with_touch_notice(signatures_));
}

Status DeviceOptions::unlock(KeyDevice& device, std::size_t signatures) const {
  *signatures_ = signatures;
  const KeyDescription& key = device.describe();
  tell_touches(key, signatures);
  if (!key.needs_pin) return ok();
  PinSources sources;
  sources.pin_file = pin_file_;
  sources.variable = pin_variable();
  sources.cosign_variable = cosign_password();
  sources.signatures = signatures;
  ControllingTerminal terminal;
  TS_TRY(Secret pin, obtain_pin(key, sources, terminal));
  return device.unlock(std::move(pin));
}

}  // namespace touchstone::cli
