#include "crypto/ed25519ph.h"

#include <sodium.h>

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
  // Nor R = [S]B less what multiplying such a key leaves behind.
  const Bytes zero(32, 0);
  REQUIRE(crypto_core_ed25519_sub(forged.data(), forged.data(), zero.data()) == 0);
  CHECK_FALSE(verify_ed25519ph_digest(neutral, digest, forged));
}

namespace {

// A signature in all but lengths: RFC 8032's steps over whatever is given as key and digest.
Bytes signed_whatever(ByteView secret, ByteView whose, ByteView digest) {
  Bytes made(64, 0);
  Bytes once(32, 0);
  once[0] = 9;
  crypto_scalarmult_ed25519_base_noclamp(made.data(), once.data());
  Bytes challenge = to_bytes("SigEd25519 no Ed25519 collisions");
  challenge.insert(challenge.end(), {1, 0});
  for (const ByteView part : {ByteView(made).first(32), whose, digest}) {
    challenge.insert(challenge.end(), part.begin(), part.end());
  }
  Bytes k(32);
  crypto_core_ed25519_scalar_reduce(k.data(), hash(Hash::sha512, challenge).data());
  crypto_core_ed25519_scalar_mul(k.data(), k.data(), secret.data());
  crypto_core_ed25519_scalar_add(made.data() + 32, k.data(), once.data());
  return made;
}

}  // namespace

TEST_CASE("keys, digests and signatures of other lengths do not verify, though signed",
          "[ed25519ph]") {
  Bytes secret(32, 0);
  secret[0] = 5;
  Bytes open(32, 0);
  REQUIRE(crypto_scalarmult_ed25519_base_noclamp(open.data(), secret.data()) == 0);
  const Bytes digest(64, 3);
  const Bytes good = signed_whatever(secret, open, digest);
  CHECK(verify_ed25519ph_digest(open, digest, good));
  const Bytes half(32, 3);
  CHECK_FALSE(verify_ed25519ph_digest(open, half, signed_whatever(secret, open, half)));
  Bytes longer = open;
  longer.push_back(0);
  CHECK_FALSE(verify_ed25519ph_digest(longer, digest, signed_whatever(secret, longer, digest)));
  Bytes stretched = good;
  stretched.insert(stretched.begin() + 32, 0);
  CHECK_FALSE(verify_ed25519ph_digest(open, digest, stretched));
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
