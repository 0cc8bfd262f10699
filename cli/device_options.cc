#include "cli/device_options.h"

#include "hsm/keys.h"

namespace touchstone::cli {

void DeviceOptions::declare(CLI::App& command) {
  command.add_option("-k,--key", key_, "PKCS#11 URI, or a private key file in PEM")
      ->required()
      ->type_name("KEY");
  command.add_option("--pin-file", pin_file_, "read the PIN from FILE or from descriptor fd:N")
      ->type_name("FILE");
}

Result<std::unique_ptr<KeyDevice>> DeviceOptions::open() const { return hsm::open_key(key_); }

Status DeviceOptions::unlock(KeyDevice& device, std::size_t) const {
  if (!device.describe().needs_pin) return ok();
  return Error{Code::device_pin_needed, "no", ""};
}

}  // namespace touchstone::cli
