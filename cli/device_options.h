// --key and --pin-file: the key device of a command, and how its PIN is had.
#pragma once

#include <memory>
#include <string>

#include "base/key_device.h"
#include "cli/shared/application.h"
#include "hsm/keys.h"

namespace touchstone::cli {

// For opening devices: one that waits for a touch, or may do so, makes the program say so.
hsm::KeyOptions options_with_touch_notice(
    std::shared_ptr<const std::size_t> signatures = std::make_shared<std::size_t>(1));

class DeviceOptions {
 public:
  // Whether --key must be given, or the command knows another way to sign.
  enum class Key : std::uint8_t { required, optional };
  void declare(CLI::App& command, Key key = Key::required);
  // The key under another name, for a command whose --key is a public one.
  void declare_as(CLI::App& command, const std::string& name, const std::string& description);

  bool given() const { return !key_.empty(); }
  const std::string& name() const { return key_; }

  // A device that waits for a touch makes this say so.
  // Errors: usage.key-uri, usage.pin-in-arguments, device.*, format.key, policy.*.
  Result<std::unique_ptr<KeyDevice>> open() const;

  // Asks for the PIN where the key needs one and presents it, once; says before how many touches
  // are ahead, when it is more than one. `signatures` is how many will be made.
  // Errors: device.pin-*, device.*.
  Status unlock(KeyDevice& device, std::size_t signatures) const;

  // One more than unlock() was told will be made.
  void expect_another_signature() const { ++*signatures_; }

 private:
  void declare_pin(CLI::App& command);

  std::string key_;
  std::string pin_file_;
  // For the notice that a touch is needed, which the device gives.
  std::shared_ptr<std::size_t> signatures_ = std::make_shared<std::size_t>(1);
};

}  // namespace touchstone::cli
