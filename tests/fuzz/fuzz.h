// What each fuzz target shares. A target checks a property where there is one; a property that does
// not hold stops the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"

namespace touchstone::fuzz {

inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace touchstone::fuzz

// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define FUZZ_TARGET(input)                                                            \
  static void fuzz_one(touchstone::ByteView input);                                   \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);  \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    fuzz_one({data, size});                                                           \
    return 0;                                                                         \
  }                                                                                   \
  static void fuzz_one(touchstone::ByteView input)
