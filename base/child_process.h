// A child of this process: kept on a leash by its parent, and shorn of what it should not have
// before it runs what is not ours.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>

namespace touchstone {

// A child that does not outlive its scope, nor does what it started. In a process that was split
// off later it is somebody else's, and left alone.
class ChildProcess {
 public:
  // What fork() gave to the parent, right after it.
  explicit ChildProcess(pid_t pid);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // As waitpid() tells it, once the child has ended; what it started ends then too. 0 when nobody
  // can tell, because SIGCHLD is ignored.
  std::optional<int> status();

  // The same, absent when it has not ended by then.
  std::optional<int> wait_until(std::chrono::steady_clock::time_point deadline);

  // Ends it, and what it started.
  void kill_all();

 private:
  void reap();
  pid_t pid_;
  pid_t parent_;
  std::optional<int> status_;
};

// "crashed (signal 11)", "ended the process (exit status 0)".
std::string how_it_ended(int status);

// For the child, before anything else; safe between fork() and exec. It leads a group of its own
// and ends when `parent`, which forked it, does. Signals have their default actions, but for
// SIGPIPE, whose action stays.
void begin_child(pid_t parent);

// Makes these the standard streams and closes every other descriptor but `kept` (null: none), which
// gets another number. Safe between fork() and exec. False when it could not be done.
bool keep_only(const std::array<int, 3>& streams, int* kept);

// For a child that runs foreign code without exec: it writes no core dump, other processes of the
// user cannot look into it, no secret of the environment is in its memory, and exit() ends it
// without what its parent left to be done at its own end.
void prepare_for_foreign_code();

// Ends a child that has not called exec.
[[noreturn]] void end_child(int status);

}  // namespace touchstone
