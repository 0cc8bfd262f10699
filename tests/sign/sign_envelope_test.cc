#include "sign/sign_envelope.h"

#include <catch2/catch.hpp>

#include "tests/support/memory_device.h"

namespace touchstone::sign {

TEST_CASE("an envelope's signature is over its payload and type", "[sign]") {
  const auto kind = GENERATE(crypto::KeyKind::p256, crypto::KeyKind::p384, crypto::KeyKind::rsa,
                             crypto::KeyKind::ed25519);
  test::MemoryDevice device(kind);
  const auto envelope = sign_envelope(device, device.key(), "text", to_bytes("hello"));
  REQUIRE(envelope);
  CHECK(envelope->payload_type == "text");
  CHECK(envelope->payload == to_bytes("hello"));
  REQUIRE(envelope->signatures.size() == 1);
  const Bytes& signature = envelope->signatures.front().signature;
  const Scheme scheme = device.key().signing_scheme();
  CHECK(device.key().verify(scheme, to_bytes("DSSEv1 4 text 5 hello"), signature));
  CHECK_FALSE(device.key().verify(scheme, to_bytes("hello"), signature));
}

}  // namespace touchstone::sign
