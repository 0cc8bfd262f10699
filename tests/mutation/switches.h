// The switches of checks, for the copy of the code that tests/mutation/run makes: nothing else may
// include this.
//
// TOUCHSTONE_SWITCHED_OFF=N   switches check N off
// TOUCHSTONE_SWITCHES=FILE    byte N of FILE becomes 1 where switching check N off would change the
// outcome
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <type_traits>

namespace touchstone::mutation {

struct Switches {
  long off = -1;
  char* marks = nullptr;  // shared with FILE, so that processes which are killed leave theirs too
  std::size_t count = 0;

  Switches() {
    if (const char* number = std::getenv("TOUCHSTONE_SWITCHED_OFF")) off = std::atol(number);
    const char* path = std::getenv("TOUCHSTONE_SWITCHES");
    if (path == nullptr) return;
    const int file = open(path, O_RDWR | O_CLOEXEC);
    struct stat status{};
    if (file < 0 || fstat(file, &status) != 0) std::abort();
    count = static_cast<std::size_t>(status.st_size);
    void* mapped = mmap(nullptr, count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) std::abort();
    marks = static_cast<char*>(mapped);
    close(file);
  }
};

inline bool is_off(long number) {
  static const Switches switches;
  const auto index = static_cast<std::size_t>(number);
  if (index < switches.count) switches.marks[index] = 1;
  return number == switches.off;
}

// A condition that does not hold when it is switched off.
constexpr bool never(long number, bool condition) {
  if (std::is_constant_evaluated() || !condition) return condition;
  return !is_off(number);
}

// A condition that holds when it is switched off.
constexpr bool always(long number, bool condition) {
  if (std::is_constant_evaluated() || condition) return condition;
  return is_off(number);
}

}  // namespace touchstone::mutation

// base/result.h's TS_CHECK with a switch.
#define TS_CHECK_SWITCH(number, ...)                                                   \
  if (auto ts_check = (__VA_ARGS__); ::touchstone::mutation::never(number, !ts_check)) \
  return std::move(ts_check).error()
