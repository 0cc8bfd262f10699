#include "hsm/delayed_call.h"

#include <utility>

namespace touchstone::hsm {

DelayedCall::DelayedCall(std::chrono::milliseconds delay, std::function<void()> action)
    : thread_([this, delay, action = std::move(action)] {
        std::unique_lock lock(mutex_);
        if (!over_changed_.wait_for(lock, delay, [this] { return over_; })) action();
      }) {}

DelayedCall::~DelayedCall() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  over_changed_.notify_one();
  thread_.join();
}

}  // namespace touchstone::hsm
