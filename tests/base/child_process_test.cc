#include "base/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <thread>

#include "base/files.h"

namespace touchstone {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

template <class Work>
pid_t forked(Work work) {
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid != 0) return pid;
  begin_child(parent);
  work();
  _exit(0);
}

[[noreturn]] void wait_for_ever() {
  while (true) (void)pause();
}

bool exists(pid_t pid) { return kill(pid, 0) == 0; }

}  // namespace

TEST_CASE("how a child ended is told", "[child]") {
  struct Row {
    void (*work)();
    const char* words;
  };
  for (const Row& row : {Row{[] { _exit(0); }, "ended the process (exit status 0)"},
                         Row{[] { _exit(200); }, "ended the process (exit status 200)"},
                         Row{[] { (void)raise(SIGSEGV); }, "crashed (signal 11)"}}) {
    ChildProcess child(forked(row.work));
    const auto status = child.wait_until(steady_clock::now() + 10s);
    REQUIRE(status);
    CHECK(how_it_ended(*status) == row.words);
    CHECK(child.status() == status);
  }
}

TEST_CASE("a child is waited for no longer than wanted", "[child]") {
  ChildProcess child(forked(wait_for_ever));
  const auto begun = steady_clock::now();
  CHECK_FALSE(child.wait_until(begun + 50ms));
  CHECK(steady_clock::now() - begun < 5s);
  CHECK_FALSE(child.status());
}

TEST_CASE("a child does not outlive its scope, nor does what it started", "[child]") {
  for (const bool ends_itself : {false, true}) {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    pid_t pid = 0;
    {
      ChildProcess child(pid = forked([&] {
                           const pid_t left = fork();
                           if (left == 0) wait_for_ever();
                           (void)!write(ends[1], &left, sizeof left);
                           if (!ends_itself) wait_for_ever();
                         }));
      pid_t started = 0;
      REQUIRE(read(ends[0], &started, sizeof started) == sizeof started);
      if (ends_itself) REQUIRE(child.wait_until(steady_clock::now() + 10s));
    }
    CHECK_FALSE(exists(pid));
    // The one that it started held the pipe.
    close(ends[1]);
    char c = 0;
    CHECK(read(ends[0], &c, 1) == 0);
    close(ends[0]);
  }
}

TEST_CASE("somebody else's child is left alone", "[child]") {
  ChildProcess child(forked(wait_for_ever));
  const pid_t other = fork();
  if (other == 0) {
    child.~ChildProcess();
    _exit(0);
  }
  REQUIRE(waitpid(other, nullptr, 0) == other);
  CHECK_FALSE(child.status());
}

TEST_CASE("a child has default signals and nothing blocked", "[child]") {
  (void)signal(SIGUSR1, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  ChildProcess child(forked([] { (void)raise(SIGUSR1); }));
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
  (void)signal(SIGUSR1, SIG_DFL);
  const auto status = child.wait_until(steady_clock::now() + 10s);
  REQUIRE(status);
  CHECK(WIFSIGNALED(*status));
}

TEST_CASE("a child whose parent is gone already does not begin", "[child]") {
  const pid_t pid = fork();
  if (pid == 0) {
    begin_child(getppid() + 1);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  CHECK(WEXITSTATUS(status) == 126);
}

TEST_CASE("a child keeps its streams and what it is to keep", "[child]") {
  for (const bool streams_are_closed : {false, true}) {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    ChildProcess child(forked([&] {
      int kept = ends[1];
      if (streams_are_closed) {
        close_range(0, 2, 0);
        kept = dup(ends[1]);  // 0
      }
      const int nowhere = open("/dev/null", O_RDWR);
      if (!keep_only({nowhere, nowhere, nowhere}, &kept)) _exit(1);
      int open_ones = 0;
      for (int fd = 0; fd < 1024; ++fd) open_ones += fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
      char c = 0;
      const bool nothing = read(STDIN_FILENO, &c, 1) == 0;
      const std::string text = std::to_string(open_ones) + (nothing ? " nothing" : " something");
      (void)!write(kept, text.data(), text.size());
    }));
    close(ends[1]);
    const auto said = read_descriptor(ends[0], 100, "");
    close(ends[0]);
    REQUIRE(said);
    CHECK(as_text(*said) == "4 nothing");
  }
}

}  // namespace touchstone
