// Envelopes as files of their own.
#include "formats/dsse.h"

#include <catch2/catch.hpp>

namespace touchstone::formats {

TEST_CASE("an envelope is read with all its signatures", "[dsse]") {
  const auto envelope = DsseEnvelope::parse(
      as_bytes(R"({"payloadType":"text","payload":"aGVsbG8=","signatures":[{"sig":"AAAA"},)"
               R"({"keyid":"x","sig":"_-8="}],"more":1})"));
  REQUIRE(envelope);
  CHECK(envelope->payload_type == "text");
  CHECK(envelope->payload == to_bytes("hello"));
  REQUIRE(envelope->signatures.size() == 2);
  CHECK(envelope->signatures[0].signature == Bytes(3, 0));
  CHECK(envelope->signatures[1].keyid == "x");
}

TEST_CASE("an envelope without payload, type or signatures is none", "[dsse]") {
  for (const char* text :
       {"", "[]", R"({"payload":"AAAA","signatures":[{"sig":"AAAA"}]})",
        R"({"payloadType":"x","signatures":[{"sig":"AAAA"}]})",
        R"({"payloadType":"x","payload":"A","signatures":[{"sig":"AAAA"}]})",
        R"({"payloadType":"x","payload":"AAAA"})",
        R"({"payloadType":"x","payload":"AAAA","signatures":[]})",
        R"({"payloadType":"x","payload":"AAAA","signatures":[{}]})",
        R"({"payloadType":"x","payload":"AAAA","signatures":[{"sig":""}]})",
        R"({"payloadType":"x","payload":"AAAA","signatures":[{"sig":"A"}]})",
        R"({"payloadType":"x","payload":"AAAA","signatures":[{"sig":"AAAA"},{"sig":""}]})"}) {
    CAPTURE(text);
    const auto envelope = DsseEnvelope::parse(as_bytes(text));
    REQUIRE_FALSE(envelope);
    CHECK(envelope.error().code == Code::format_json);
  }
}

}  // namespace touchstone::formats
