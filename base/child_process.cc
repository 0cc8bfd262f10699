#include "base/child_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>  // explicit_bzero
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/secret.h"

#ifdef TOUCHSTONE_COVERAGE
extern "C" void __gcov_dump(void);
#endif

namespace touchstone {
namespace {

constexpr int not_begun = 126;
constexpr int first_other = STDERR_FILENO + 1;

void end_at_once(int status, void*) { end_child(status); }

}  // namespace

// In both processes, so that it is done whoever comes first.
ChildProcess::ChildProcess(pid_t pid) : pid_(pid), parent_(getpid()) { setpgid(pid, pid); }

ChildProcess::~ChildProcess() {
  if (getpid() == parent_) kill_all();
}

std::optional<int> ChildProcess::status() {
  if (status_) return status_;
  siginfo_t ended{};
  if (waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) != 0) {
    if (errno == ECHILD) status_ = 0;
    return status_;
  }
  if (ended.si_pid != pid_) return std::nullopt;
  // While it is not waited for, its number is nobody else's.
  kill(-pid_, SIGKILL);
  reap();
  return status_;
}

std::optional<int> ChildProcess::wait_until(std::chrono::steady_clock::time_point deadline) {
  constexpr std::chrono::microseconds first_nap(100);
  constexpr std::chrono::microseconds longest_nap(5000);
  for (auto nap = first_nap; !status(); nap = std::min(2 * nap, longest_nap)) {
    if (std::chrono::steady_clock::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(nap);
  }
  return status_;
}

void ChildProcess::kill_all() {
  if (status()) return;
  kill(-pid_, SIGKILL);
  kill(pid_, SIGKILL);
  reap();
}

void ChildProcess::reap() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  status_ = status;
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return "crashed (signal " + std::to_string(WTERMSIG(status)) + ")";
  return "ended the process (exit status " + std::to_string(WEXITSTATUS(status)) + ")";
}

void begin_child(pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(not_begun);
  for (int number = 1; number < NSIG; ++number) {
    if (number != SIGPIPE) (void)signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool keep_only(const std::array<int, 3>& streams, int* kept) {
  // Out of the way first: one of them may be 0, 1 or 2 itself.
  std::array<int, 3> moved{};
  for (std::size_t i = 0; i < moved.size(); ++i) {
    moved[i] = fcntl(streams[i], F_DUPFD, first_other + 1);
  }
  const int saved = kept == nullptr ? -1 : fcntl(*kept, F_DUPFD, first_other + 1);
  for (std::size_t i = 0; i < moved.size(); ++i) {
    if (moved[i] < 0 || dup2(moved[i], static_cast<int>(i)) < 0) return false;
  }
  if (kept == nullptr) return close_range(first_other, ~0U, 0) == 0;
  *kept = first_other;
  return saved >= 0 && dup3(saved, first_other, O_CLOEXEC) == first_other &&
         close_range(first_other + 1, ~0U, 0) == 0;
}

namespace {

// Foreign code may look where the environment was handed over, so unsetenv() alone will not do.
void forget_variable(std::string_view name) {
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (!text.starts_with(name) || text.substr(name.size(), 1) != "=") continue;
    explicit_bzero(*variable + name.size() + 1, text.size() - name.size() - 1);
  }
  unsetenv(std::string(name).c_str());
}

}  // namespace

void prepare_for_foreign_code() {
  const rlimit no_core{0, 0};
  (void)setrlimit(RLIMIT_CORE, &no_core);
  (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  for (const char* name : secret_variables) forget_variable(name);
  (void)on_exit(end_at_once, nullptr);
}

void end_child(int status) {
#ifdef TOUCHSTONE_COVERAGE
  __gcov_dump();
#endif
  _exit(status);
}

}  // namespace touchstone
