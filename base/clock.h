// Time, as a port: nothing below cli/ asks the system.
#pragma once

#include <chrono>

namespace touchstone {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::sys_seconds now() const = 0;                     // UTC
  virtual std::chrono::steady_clock::time_point monotonic() const = 0;  // for durations
};

}  // namespace touchstone
