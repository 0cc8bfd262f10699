#include "base/key_policy.h"

#include <catch2/catch.hpp>

namespace touchstone {

TEST_CASE("each policy has a word, which asks for it", "[key-policy]") {
  for (const PinPolicy policy : {PinPolicy::never, PinPolicy::once, PinPolicy::always}) {
    CAPTURE(word(policy));
    CHECK(pin_policy(word(policy)) == policy);
  }
  for (const TouchPolicy policy : {TouchPolicy::never, TouchPolicy::always, TouchPolicy::cached}) {
    CAPTURE(word(policy));
    CHECK(touch_policy(word(policy)) == policy);
  }
  CHECK(word(PinPolicy::unspecified) == "unknown");
  CHECK(word(TouchPolicy::unknown) == "unknown");
}

TEST_CASE("other words ask for no policy", "[key-policy]") {
  for (const char* other : {"", "unknown", "Never", "once ", "cached,always", "default"}) {
    CAPTURE(other);
    CHECK_FALSE(pin_policy(other));
    CHECK_FALSE(touch_policy(other));
  }
  CHECK_FALSE(pin_policy("cached"));
  CHECK_FALSE(touch_policy("once"));
}

}  // namespace touchstone
