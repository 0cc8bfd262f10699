#include "hsm/pcsc_error.h"

#include <catch2/catch.hpp>

namespace touchstone::hsm {

// The numbers are PC/SC's, as every implementation has them.
TEST_CASE("what the smart-card service answers has a code of its own", "[pcsc]") {
  struct Row {
    long value;
    Code code;
  };
  const auto row = GENERATE(values<Row>({
      {0x8010001D, Code::device_no_service},
      {0x8010006A, Code::device_not_allowed},
      {0x8010000B, Code::device_busy},
      {0x8010002E, Code::device_not_found},
      {0x80100009, Code::device_not_found},
      {0x8010000C, Code::device_not_found},
      {0x80100069, Code::device_removed},
      {0x80100017, Code::device_removed},
      {0x80100066, Code::device_failed},
      {0x801000FF, Code::device_failed},
      {static_cast<long>(0xFFFFFFFF8010000BUL), Code::device_busy},  // with its sign
  }));
  CAPTURE(row.value);
  const Error error = pcsc_error(row.value, "signing");
  CHECK(error.code == row.code);
  CHECK(error.message.starts_with("signing: "));
}

}  // namespace touchstone::hsm
