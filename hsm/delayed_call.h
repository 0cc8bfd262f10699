// Something to do when something else takes long: for a card that waits for a finger and gives no
// other sign of it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace touchstone::hsm {

// Calls `action` once, from a thread of its own, if the object is still alive after `delay`. The
// destructor waits for an action that has begun.
class DelayedCall {
 public:
  DelayedCall(std::chrono::milliseconds delay, std::function<void()> action);
  ~DelayedCall();
  DelayedCall(const DelayedCall&) = delete;
  DelayedCall& operator=(const DelayedCall&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable over_changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace touchstone::hsm
