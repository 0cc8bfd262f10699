#include "crypto/asn1_time.h"

#include <catch2/catch.hpp>

namespace touchstone::crypto {

using namespace std::chrono_literals;
using std::chrono::sys_days;

TEST_CASE("times are whole seconds of UTC in one spelling", "[asn1-time]") {
  CHECK(parse_utc_time("260102030405Z") == sys_days(2026y / 1 / 2) + 3h + 4min + 5s);
  CHECK(parse_utc_time("500101000000Z") == sys_days(1950y / 1 / 1));
  CHECK(parse_generalized_time("20260102030405Z") == sys_days(2026y / 1 / 2) + 3h + 4min + 5s);
  for (const char* text :
       {"", "Z", "260102030405", "2601020304050", "260102030405z", "26010203040Z", "2601020304055Z",
        "2601020304:5Z", "26010203040:Z", "2601020304/5Z", "261302030405Z", "260230030405Z",
        "260102240405Z", "260102036005Z", "260102030460Z", "260102030405+"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_utc_time(text));
    const std::string century = std::string("20") + text;
    CHECK_FALSE(parse_generalized_time(century));
  }
  CHECK_FALSE(parse_generalized_time("20260102030405.5Z"));
  CHECK_FALSE(parse_generalized_time("202601020304050Z"));
}

}  // namespace touchstone::crypto
