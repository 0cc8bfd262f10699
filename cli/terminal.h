// The person at the terminal, as a port: asked for secrets and for consent.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace touchstone::cli {

class Terminal {
 public:
  virtual ~Terminal() = default;

  // Whether somebody can be asked.
  virtual bool present() = 0;

  // One line, not shown while it is typed. Never more than limits::max_pin_bytes; a longer line is
  // refused, not cut.
  // Errors: device.pin-needed (the terminal went away), device.pin-unusable, internal.interrupted.
  virtual Result<Secret> ask_secret(std::string_view prompt) = 0;

  // True when the answer is "yes", in full.
  // Errors: device.pin-needed, internal.interrupted.
  virtual Result<bool> confirm(std::string_view question) = 0;

  // One line, shown while it is typed.
  // Errors: as ask_secret().
  virtual Result<std::string> ask_line(std::string_view prompt) = 0;
};

// The controlling terminal, whatever standard input is. Echo is off only while a secret is typed
// and is back before the program ends, stops or goes on, also when a signal ends or stops it.
// Typed-ahead input is dropped.
class ControllingTerminal : public Terminal {
 public:
  explicit ControllingTerminal(std::string path = "/dev/tty") : path_(std::move(path)) {}

  bool present() override;
  Result<Secret> ask_secret(std::string_view prompt) override;
  Result<bool> confirm(std::string_view question) override;
  Result<std::string> ask_line(std::string_view prompt) override;

 private:
  std::string path_;
};

}  // namespace touchstone::cli
