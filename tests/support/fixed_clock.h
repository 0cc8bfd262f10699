// A clock that stands still, but for waiting.
#pragma once

#include "base/clock.h"

namespace touchstone::test {

class FixedClock : public Clock {
 public:
  explicit FixedClock(
      std::chrono::sys_seconds now = std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000)))
      : now_(now) {}

  std::chrono::sys_seconds now() const override { return now_; }
  std::chrono::steady_clock::time_point monotonic() const override {
    return std::chrono::steady_clock::now();
  }

 private:
  std::chrono::sys_seconds now_;
};

}  // namespace touchstone::test
