// Work that may hang, crash, print or end the process, done in a child of this one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

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

// Runs `work` in a forked child (base/child_process.h) and gives what it returned, which is never
// empty. The child's standard streams lead nowhere, and it and what it started are killed when it
// is not done in time, or says more than limits::max_probe_answer_bytes; it alone is when this
// process ends. This process must have one thread.
ChildOutcome ask_child(const std::function<std::string()>& work,
                       std::chrono::milliseconds timeout = limits::probe_timeout);

}  // namespace touchstone::cli
