#include "base/firmware.h"

#include <catch2/catch.hpp>

namespace touchstone {
namespace {

TEST_CASE("firmware versions compare as numbers", "[firmware]") {
  CHECK(Firmware{5, 4, 3} < Firmware{5, 7, 0});
  CHECK(Firmware{4, 10, 0} > Firmware{4, 3, 9});
}

TEST_CASE("firmware versions are three bytes", "[firmware]") {
  CHECK(Firmware::parse(Bytes{5, 4, 3})->to_string() == "5.4.3");
  CHECK_FALSE(Firmware::parse(Bytes{5, 4}));
  CHECK_FALSE(Firmware::parse(Bytes{5, 4, 3, 0}));
}

TEST_CASE("firmware versions are three numbers", "[firmware]") {
  CHECK(Firmware::parse("5.7.0") == Firmware{5, 7, 0});
  CHECK(Firmware::parse("255.0.255") == Firmware{255, 0, 255});
  const auto text = GENERATE(values<std::string>(
      {"", "5", "5.7", "5.7.", "5.7.0.1", "5.7.256", "5.7.-1", "5.7.0 ", "v5.7.0", "5..0"}));
  CAPTURE(text);
  CHECK_FALSE(Firmware::parse(text));
}

TEST_CASE("weak RSA keys come from some versions alone", "[firmware][HW-17]") {
  CHECK_FALSE(firmware::makes_weak_rsa({4, 2, 5}));
  CHECK(firmware::makes_weak_rsa({4, 2, 6}));
  CHECK(firmware::makes_weak_rsa({4, 3, 4}));
  CHECK_FALSE(firmware::makes_weak_rsa({4, 3, 5}));
}

}  // namespace
}  // namespace touchstone
