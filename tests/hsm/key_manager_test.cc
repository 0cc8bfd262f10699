// What every key manager shares.
#include "hsm/key_manager.h"

#include <catch2/catch.hpp>

namespace touchstone::hsm {

using crypto::KeyKind;

TEST_CASE("parse_algorithm knows the closed list", "[key-manager]") {
  struct Row {
    const char* name;
    KeyKind kind;
    int rsa_bits;
  };
  for (const Row& row : std::vector<Row>{{"p256", KeyKind::p256, 0},
                                         {"p384", KeyKind::p384, 0},
                                         {"p521", KeyKind::p521, 0},
                                         {"rsa2048", KeyKind::rsa, 2048},
                                         {"rsa3072", KeyKind::rsa, 3072},
                                         {"rsa4096", KeyKind::rsa, 4096},
                                         {"ed25519", KeyKind::ed25519, 0}}) {
    CAPTURE(row.name);
    const auto spec = parse_algorithm(row.name);
    REQUIRE(spec);
    CHECK(spec->kind == row.kind);
    CHECK(spec->rsa_bits == row.rsa_bits);
    CHECK(spec->policies.pin == PinPolicy::unspecified);
    CHECK(spec->policies.touch == TouchPolicy::unknown);
  }
  for (const char* name : {"", "P256", "rsa1024", "rsa", "rsa2048 ", "p224", "x25519"}) {
    CAPTURE(name);
    const auto spec = parse_algorithm(name);
    REQUIRE_FALSE(spec);
    CHECK(spec.error().code == Code::usage_arguments);
  }
}

TEST_CASE("check_new_pin refuses what the device would", "[key-manager][pin]") {
  PinState state;
  state.min_pin_bytes = 6;
  state.max_pin_bytes = 8;
  struct Row {
    const char* why;
    std::string pin;
  };
  for (const Row& row : std::vector<Row>{{"empty", ""},
                                         {"too short", "13579"},
                                         {"too long", "135792468"},
                                         {"a NUL", std::string("1357\0924", 8)}}) {
    CAPTURE(row.why);
    const auto fits = check_new_pin(state, "PIN", Secret(row.pin));
    REQUIRE_FALSE(fits);
    CHECK(fits.error().code == Code::device_pin_unfit);
    CHECK_FALSE(fits.error().message.contains("1357"));
  }
  CHECK(check_new_pin(state, "PIN", Secret("135792")));
  CHECK(check_new_pin(state, "PIN", Secret("13579246")));

  SECTION("a device that does not tell still has a limit") {
    state.min_pin_bytes = state.max_pin_bytes = 0;
    CHECK(check_new_pin(state, "PIN", Secret("1")));
    CHECK_FALSE(check_new_pin(state, "PIN", Secret(std::string(257, '1'))));
  }
}

}  // namespace touchstone::hsm
