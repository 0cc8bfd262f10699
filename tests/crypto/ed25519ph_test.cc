#include "crypto/ed25519ph.h"

#include <catch2/catch.hpp>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/private_key.h"

namespace touchstone::crypto {
namespace {

// RFC 8032 section 7.3, "TEST abc".
const Bytes key = *from_hex("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf");
const Bytes signature = *from_hex(
    "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
    "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406");

PublicKey spki() {
  Bytes der = *from_hex("302a300506032b6570032100");
  der.insert(der.end(), key.begin(), key.end());
  return *PublicKey::from_der(der);
}

}  // namespace

TEST_CASE("the RFC's vector of Ed25519ph verifies, and nothing near it", "[ed25519ph]") {
  const Bytes abc = to_bytes("abc");
  REQUIRE(verify_ed25519ph(key, abc, signature));
  CHECK_FALSE(verify_ed25519ph(key, to_bytes("abd"), signature));
  CHECK_FALSE(verify_ed25519ph(key, {}, signature));
  CHECK_FALSE(verify_ed25519ph(ByteView(key).first(31), abc, signature));
  CHECK_FALSE(verify_ed25519ph(key, abc, ByteView(signature).first(63)));
  CHECK_FALSE(verify_ed25519ph(key, abc, {}));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Bytes flipped = signature;
    flipped[i] ^= 1;
    CHECK_FALSE(verify_ed25519ph(key, abc, flipped));
  }
}

TEST_CASE("the RFC's vector verifies by its digest, and nothing near it", "[ed25519ph][X509-10]") {
  const Bytes digest = hash(Hash::sha512, to_bytes("abc"));
  REQUIRE(verify_ed25519ph_digest(key, digest, signature));
  CHECK_FALSE(verify_ed25519ph_digest(key, hash(Hash::sha512, to_bytes("abd")), signature));
  CHECK_FALSE(verify_ed25519ph_digest(key, hash(Hash::sha256, to_bytes("abc")), signature));
  CHECK_FALSE(verify_ed25519ph_digest(key, {}, signature));
  CHECK_FALSE(verify_ed25519ph_digest(ByteView(key).first(31), digest, signature));
  CHECK_FALSE(verify_ed25519ph_digest(key, digest, ByteView(signature).first(63)));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Bytes flipped = signature;
    flipped[i] ^= 1;
    CHECK_FALSE(verify_ed25519ph_digest(key, digest, flipped));
    Bytes other = digest;
    other[i] ^= 1;
    CHECK_FALSE(verify_ed25519ph_digest(key, other, signature));
  }

  // S plus the order of the group is the same scalar in a second spelling.
  const Bytes order = *from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  Bytes twin = signature;
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += twin[32 + i] + unsigned{order[i]};
    twin[32 + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  REQUIRE(carry == 0);
  CHECK_FALSE(verify_ed25519ph_digest(key, digest, twin));

  // The neutral element as key: every S with R = [S]B would do, here S = 1.
  Bytes neutral(32, 0);
  neutral[0] = 1;
  Bytes forged = *from_hex("5866666666666666666666666666666666666666666666666666666666666666");
  forged.resize(64, 0);
  forged[32] = 1;
  CHECK_FALSE(verify_ed25519ph_digest(neutral, digest, forged));
}

TEST_CASE("Ed25519 keys verify both kinds, each as itself", "[ed25519ph]") {
  const Bytes abc = to_bytes("abc");
  CHECK(spki().verify(Scheme::ed25519ph, abc, signature));
  CHECK_FALSE(spki().verify(Scheme::ed25519, abc, signature));
  const Bytes digest = hash(Hash::sha512, abc);
  CHECK(spki().verify_prehashed(Scheme::ed25519ph, digest, signature));
  CHECK_FALSE(spki().verify_prehashed(Scheme::ed25519, digest, signature));
  CHECK(spki().verification_schemes() == std::vector{Scheme::ed25519, Scheme::ed25519ph});
  CHECK(scheme_name(Scheme::ed25519ph) == "Ed25519ph");

  const auto pure = PrivateKey::generate(KeyKind::ed25519);
  const auto made = pure.sign(Scheme::ed25519, abc);
  CHECK_FALSE(pure.public_key().verify(Scheme::ed25519ph, abc, *made));
  CHECK(pure.public_key().signing_scheme() == Scheme::ed25519);
  const auto none = pure.sign(Scheme::ed25519ph, abc);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Code::device_algorithm);
  CHECK_FALSE(pure.public_key().verify_prehashed(Scheme::ed25519, abc, *made));
  CHECK_FALSE(
      PrivateKey::generate(KeyKind::p256).public_key().verify(Scheme::ed25519ph, abc, signature));
}

}  // namespace touchstone::crypto
