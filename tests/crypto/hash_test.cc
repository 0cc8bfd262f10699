#include "crypto/hash.h"

#include <catch2/catch.hpp>

namespace touchstone::crypto {

TEST_CASE("equal_in_constant_time is equality", "[hash]") {
  CHECK(equal_in_constant_time(Bytes{1, 2}, Bytes{1, 2}));
  CHECK(equal_in_constant_time(Bytes(), Bytes()));
  CHECK_FALSE(equal_in_constant_time(Bytes{1, 2}, Bytes{1, 3}));
  CHECK_FALSE(equal_in_constant_time(Bytes{1, 2}, Bytes{1}));
  CHECK_FALSE(equal_in_constant_time(Bytes{1}, Bytes{1, 2}));
}

}  // namespace touchstone::crypto
