// The real world: clock, network, terminal, environment. Only cli/ knows it.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/http.h"
#include "net/proxy.h"
#include "oci/repository.h"

namespace touchstone::cli {

class SystemClock : public Clock {
 public:
  std::chrono::sys_seconds now() const override;
  std::chrono::steady_clock::time_point monotonic() const override;
};

// A variable of the environment; absent when it is unset or empty.
std::optional<std::string> environment(const char* name);

// The secrets for keys in the environment; views of it, so that no copy is left behind.
std::optional<std::string_view> pin_variable();     // TOUCHSTONE_PIN; absent when empty
std::optional<std::string_view> cosign_password();  // COSIGN_PASSWORD; may be empty

// "/run/user/1000/touchstone" or "/tmp/touchstone-1000": a folder of our own (mode 0700) where
// writers of one host lock each other out. Empty when none can be had.
std::string lock_folder();

// The trust store's folder: --trust, $TOUCHSTONE_TRUST, $XDG_CONFIG_HOME/touchstone/trust when
// present, /etc/touchstone/trust (design section 5).
std::string trust_folder(const std::string& option);

// The proxies of $HTTPS_PROXY and $HTTP_PROXY, or --proxy for both, but for what $NO_PROXY excepts.
// Each variable counts in lower case too, and first.
net::Proxies proxies(const std::string& option);

}  // namespace touchstone::cli
