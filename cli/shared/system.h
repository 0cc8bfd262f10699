// The real world: clock, network, terminal, environment. Only cli/ knows it.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/http.h"
#include "oci/repository.h"

namespace touchstone::cli {

class SystemClock : public Clock {
 public:
  std::chrono::sys_seconds now() const override;
  std::chrono::steady_clock::time_point monotonic() const override;
};

// A variable of the environment; absent when it is unset or empty.
std::optional<std::string> environment(const char* name);

// "/run/user/1000/touchstone" or "/tmp/touchstone-1000": a folder of our own (mode 0700) where
// writers of one host lock each other out. Empty when none can be had.
std::string lock_folder();

}  // namespace touchstone::cli
