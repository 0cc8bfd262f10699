// Work that may hang, crash, print or end the process, done in a child of this one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/child_process.h"
#include "base/files.h"
#include "base/limits.h"

namespace touchstone::cli {

struct ChildOutcome {
  enum class End : std::uint8_t {
    answered,
    too_slow,
    too_long,
    ended,      // without an answer, or by a signal; `number` is as waitpid() tells it
    not_begun,  // no process was to be had; `number` is errno
  };
  End end = End::answered;
  int number = 0;
  std::string answer;

  // "crashed (signal 11)"; empty when it answered.
  std::string fault() const;
};

// A forked child (base/child_process.h) that does `work` and says what it returned, which is never
// empty. Several of them work side by side. The child's standard streams lead nowhere, and it and
// what it started are killed when it is not done in time, or says more than
// limits::max_probe_answer_bytes; it alone is when this process ends. This process must have one
// thread.
class AskedChild {
 public:
  explicit AskedChild(const std::function<std::string()>& work,
                      std::chrono::milliseconds timeout = limits::probe_timeout);

  // Waits for it; once.
  ChildOutcome outcome();

 private:
  std::chrono::steady_clock::time_point deadline_;
  int failure_ = 0;  // errno, when there is no child
  Descriptor answer_;
  std::optional<ChildProcess> child_;
};

// One child alone.
ChildOutcome ask_child(const std::function<std::string()>& work,
                       std::chrono::milliseconds timeout = limits::probe_timeout);

}  // namespace touchstone::cli
