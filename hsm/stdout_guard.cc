#include "hsm/stdout_guard.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <mutex>

namespace touchstone::hsm {
namespace {

struct State {
  std::mutex mutex;
  int depth = 0;
  int saved = -1;  // a copy of the real standard output; -1 when that was closed
};

State& state() {
  static State only;
  return only;
}

}  // namespace

StdoutGuard::StdoutGuard() {
  const std::lock_guard lock(state().mutex);
  if (state().depth++ > 0) return;
  (void)fflush(stdout);
  state().saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (dup2(STDERR_FILENO, STDOUT_FILENO) >= 0) return;
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0) return;
  (void)dup2(nowhere, STDOUT_FILENO);
  if (nowhere != STDOUT_FILENO) close(nowhere);
}

StdoutGuard::~StdoutGuard() {
  const std::lock_guard lock(state().mutex);
  if (--state().depth > 0) return;
  (void)fflush(stdout);
  if (state().saved < 0) {
    close(STDOUT_FILENO);
    return;
  }
  (void)dup2(state().saved, STDOUT_FILENO);
  close(state().saved);
  state().saved = -1;
}

}  // namespace touchstone::hsm
