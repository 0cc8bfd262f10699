// Work in a child that may do what it likes.
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <thread>

#include "cli/doctor/child.h"
#include "tests/support/temporary_folder.h"

namespace touchstone::cli {

using namespace std::chrono_literals;
using End = ChildOutcome::End;
using SteadyClock = std::chrono::steady_clock;

TEST_CASE("a child's answer arrives, short or long", "[doctor-child]") {
  for (const std::size_t size : {1U, 4096U, 300'000U}) {
    const auto outcome = ask_child([&] { return std::string(size, 'x'); });
    CHECK(outcome.end == End::answered);
    CHECK(outcome.answer == std::string(size, 'x'));
    CHECK(outcome.fault().empty());
  }
}

TEST_CASE("a child that hangs is ended in time", "[doctor-child]") {
  const auto start = SteadyClock::now();
  const auto outcome = ask_child(
      []() -> std::string {
        while (true) pause();
      },
      200ms);
  CHECK(outcome.end == End::too_slow);
  CHECK(outcome.fault() == "does not come to an end");
  CHECK(SteadyClock::now() - start < 5s);
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);  // nobody is left
}

TEST_CASE("a child that ignores signals is ended too", "[doctor-child]") {
  const auto outcome = ask_child(
      []() -> std::string {
        for (int number = 1; number < 32; ++number) (void)signal(number, SIG_IGN);
        while (true) pause();
      },
      200ms);
  CHECK(outcome.end == End::too_slow);
}

TEST_CASE("a child that crashes is told, and takes nobody along", "[doctor-child]") {
  const auto outcome = ask_child([]() -> std::string {
    (void)raise(SIGSEGV);
    return "unreached";
  });
  CHECK(outcome.end == End::ended);
  CHECK(outcome.fault() == "crashed (signal 11)");
}

TEST_CASE("a child that ends without an answer is told", "[doctor-child]") {
  const auto outcome = ask_child([]() -> std::string { _exit(0); });
  CHECK(outcome.end == End::ended);
  CHECK(outcome.fault() == "ended the process (exit status 0)");
  CHECK(ask_child([]() -> std::string { _exit(7); }).fault() ==
        "ended the process (exit status 7)");
}

TEST_CASE("a child that says too much is cut off", "[doctor-child]") {
  const auto outcome =
      ask_child([] { return std::string(limits::max_probe_answer_bytes + 1, 'x'); });
  CHECK(outcome.end == End::too_long);
}

TEST_CASE("what a child prints or reads does not reach ours", "[doctor-child]") {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("out", "");
  (void)fflush(stdout);
  const int kept = dup(STDOUT_FILENO);
  REQUIRE(freopen(path.c_str(), "w", stdout) != nullptr);
  const auto outcome = ask_child([] {
    (void)printf("noise\n");
    (void)fflush(stdout);
    (void)!write(STDOUT_FILENO, "noise", 5);
    char c = 0;
    return read(STDIN_FILENO, &c, 1) == 0 ? "no input" : "input";
  });
  (void)fflush(stdout);
  REQUIRE(dup2(kept, STDOUT_FILENO) == STDOUT_FILENO);
  close(kept);
  CHECK(outcome.answer == "no input");
  CHECK(std::filesystem::file_size(path) == 0);
}

TEST_CASE("no PIN is in a child's environment", "[doctor-child]") {
  setenv("TOUCHSTONE_PIN", "123456", 1);
  setenv("COSIGN_PASSWORD", "secret", 1);
  const auto outcome = ask_child([] {
    const bool none = getenv("TOUCHSTONE_PIN") == nullptr && getenv("COSIGN_PASSWORD") == nullptr;
    return none ? "none" : "some";
  });
  unsetenv("TOUCHSTONE_PIN");
  unsetenv("COSIGN_PASSWORD");
  CHECK(outcome.answer == "none");
}

TEST_CASE("what a child leaves behind is waited for by nobody, and ended", "[doctor-child]") {
  const auto start = SteadyClock::now();
  const auto outcome = ask_child([] {
    const pid_t left = fork();
    if (left == 0) {
      while (true) pause();
    }
    return std::to_string(left);
  });
  CHECK(outcome.end == End::answered);
  CHECK(SteadyClock::now() - start < 5s);
  const pid_t left = std::stoi(outcome.answer);
  bool gone = false;
  for (int i = 0; i < 200 && !gone; ++i) {
    std::ifstream status("/proc/" + std::to_string(left) + "/stat");
    const std::string text{std::istreambuf_iterator<char>(status), {}};
    gone = text.empty() || text.find(") Z ") != std::string::npos;
    std::this_thread::sleep_for(10ms);
  }
  CHECK(gone);
}

TEST_CASE("children work side by side", "[doctor-child]") {
  const test::TemporaryFolder folder;
  const std::string sign = folder / "sign";
  // The first comes to an end because the second has begun.
  AskedChild first([&] {
    while (access(sign.c_str(), F_OK) != 0) usleep(1000);
    return std::string("first");
  });
  AskedChild second([&] {
    (void)close(open(sign.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    return std::string("second");
  });
  CHECK(first.outcome().answer == "first");
  CHECK(second.outcome().answer == "second");
}

}  // namespace touchstone::cli
