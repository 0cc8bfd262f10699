#include "base/nearest.h"

#include <catch2/catch.hpp>

namespace touchstone {

TEST_CASE("the nearest name is the one that was meant, or none", "[nearest]") {
  CHECK(nearest("verify", {"sign", "trust"}).empty());
  CHECK(nearest("a", {"b"}).empty());
  CHECK(nearest("", {"sign"}).empty());
  CHECK(nearest("lst", {"list", "show"}) == "list");
  CHECK(nearest("tehm", {"them", "these"}) == "them");
  CHECK(nearest("sig", {"signatures", "sil"}) == "signatures");
}

}  // namespace touchstone
