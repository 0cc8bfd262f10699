#include "base/secret.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <type_traits>
#include <utility>

#include "tests/support/sanitizer.h"

namespace touchstone {
namespace {

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);

#ifdef TOUCHSTONE_SANITIZED
constexpr bool mlock_does_nothing = true;  // the sanitizer puts its own in place of it
#else
constexpr bool mlock_does_nothing = false;
#endif

// What /proc/self/smaps says about the mapping that holds `address`, one field.
std::string mapping_field(const char* address, const std::string& field) {
  std::ifstream maps("/proc/self/smaps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    const std::size_t dash = line.find('-');
    const std::size_t blank = line.find(' ');
    if (dash != std::string::npos && dash < blank && line.find(':') > blank) {
      const auto from = std::stoull(line.substr(0, dash), nullptr, 16);
      const auto to = std::stoull(line.substr(dash + 1, blank - dash - 1), nullptr, 16);
      inside = from <= wanted && wanted < to;
    }
    if (inside && line.starts_with(field + ":")) return line.substr(field.size() + 1) + " ";
  }
  return "";
}

TEST_CASE("Secret keeps what was typed, up to its capacity", "[secret]") {
  Secret secret;
  CHECK(secret.empty());
  CHECK(std::string(secret.reveal_c_string()).empty());
  for (std::size_t i = 0; i < Secret::capacity; ++i) REQUIRE(secret.append('1'));
  CHECK_FALSE(secret.append('2'));
  CHECK(secret.reveal() == std::string(Secret::capacity, '1'));
  CHECK(std::string(secret.reveal_c_string()) == secret.reveal());
  secret.remove_last();
  CHECK(secret.size() == Secret::capacity - 1);
  CHECK(std::string(secret.reveal_c_string()).size() == Secret::capacity - 1);
  CHECK(Secret(std::string(2 * Secret::capacity, 'x')).size() == Secret::capacity);
}

TEST_CASE("Secret::holding keeps all of a long password", "[secret]") {
  const auto size = GENERATE(values<std::size_t>({0, 1, 4095, 4096, 4097, 30'000}));
  CAPTURE(size);
  Secret secret = Secret::holding(std::string(size, 'p'));
  CHECK(secret.reveal() == std::string(size, 'p'));
  CHECK(std::string(secret.reveal_c_string()).size() == size);
  CHECK_FALSE(secret.append('q'));
  const Secret moved = std::move(secret);
  CHECK(moved.size() == size);
}

TEST_CASE("wipe leaves nothing behind", "[secret]") {
  std::string text(64, 's');
  const char* const place = text.data();
  wipe(text);
  CHECK(text.empty());
  CHECK(std::string(place, 64) == std::string(64, '\0'));
  Bytes bytes(8, 1);
  wipe(bytes);
  CHECK(bytes.empty());
}

TEST_CASE("remove_last on an empty Secret does nothing", "[secret]") {
  Secret secret;
  secret.remove_last();
  CHECK(secret.empty());
}

TEST_CASE("A Secret moves and leaves nothing behind", "[secret]") {
  Secret first("123456");
  Secret second(std::move(first));
  CHECK(second.reveal() == "123456");
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move): what is left is specified
  CHECK_FALSE(first.append('1'));
  CHECK(std::string(first.reveal_c_string()).empty());
  first = Secret("654321");
  second = std::move(first);
  CHECK(second.reveal() == "654321");
}

TEST_CASE("A Secret's page stays out of core dumps and children", "[secret][LOC-06]") {
  const Secret secret("123456");
  const std::string flags = mapping_field(secret.reveal_c_string(), "VmFlags");
  CAPTURE(flags);
  CHECK(flags.find(" dd ") != std::string::npos);  // MADV_DONTDUMP
  CHECK(flags.find(" wf ") != std::string::npos);  // MADV_WIPEONFORK

  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(secret.reveal_c_string()[0] == '\0' ? 0 : 1);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(secret.reveal() == "123456");
}

TEST_CASE("A Secret's page is locked where the limit allows", "[secret][LOC-06]") {
  rlimit lockable{};
  REQUIRE(getrlimit(RLIMIT_MEMLOCK, &lockable) == 0);
  if (lockable.rlim_cur < 4096 || mlock_does_nothing) {
    WARN("memory cannot be locked here");
    return;
  }
  const Secret secret("123456");
  const std::string flags = mapping_field(secret.reveal_c_string(), "VmFlags");
  CAPTURE(flags);
  CHECK(flags.find(" lo ") != std::string::npos);
}

}  // namespace
}  // namespace touchstone
