#include "formats/dsse_json.h"

#include <catch2/catch.hpp>

namespace touchstone::formats {

TEST_CASE("an envelope that was written is read back the same", "[dsse]") {
  const DsseEnvelope envelope{"text", to_bytes("hello"), {{Bytes{0xff, 0xef}, ""}, {{1}, "x"}}};
  const std::string text = to_text(to_json(envelope));
  CHECK(text == R"({"payload":"aGVsbG8=","payloadType":"text","signatures":[{"sig":"/+8="},)"
                R"({"sig":"AQ==","keyid":"x"}]})");
  const auto read = DsseEnvelope::parse(as_bytes(text));
  REQUIRE(read);
  CHECK(read->payload_type == envelope.payload_type);
  CHECK(read->payload == envelope.payload);
  REQUIRE(read->signatures.size() == 2);
  CHECK(read->signatures[0].signature == envelope.signatures[0].signature);
  CHECK(read->signatures[1].keyid == "x");
}

}  // namespace touchstone::formats
