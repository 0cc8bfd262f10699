// What is known of a file, and which signatures that is enough for.
#include "verify/signed_content.h"

#include <catch2/catch.hpp>

#include "crypto/private_key.h"

namespace touchstone::verify {

using crypto::Hash;
using crypto::KeyKind;
using crypto::PrivateKey;

TEST_CASE("of a file that is known by its digest, nothing else is", "[signed_content]") {
  const Bytes contents = to_bytes("contents");
  const Artifact file = Artifact::of(crypto::digest_of(contents));
  CHECK(file.digest(Hash::sha256) == crypto::hash(Hash::sha256, contents));
  CHECK_FALSE(file.digest(Hash::sha512));
  CHECK(file.names() == std::vector<Digest>{crypto::digest_of(contents)});
  CHECK(Artifact::of(contents).digest(Hash::sha384) == crypto::hash(Hash::sha384, contents));
}

TEST_CASE("sha384 names no artifact", "[signed_content]") {
  const Bytes contents = to_bytes("contents");
  const Artifact file = Artifact::of({{Hash::sha256, crypto::hash(Hash::sha256, contents)},
                                      {Hash::sha384, crypto::hash(Hash::sha384, contents)}});
  CHECK(file.names() == std::vector<Digest>{crypto::digest_of(contents)});
}

TEST_CASE("a digest is enough for each signature that is over it", "[signed_content]") {
  const Bytes contents = to_bytes("contents");
  const Artifact by_digest = Artifact::of(crypto::digest_of(contents));
  const PrivateKey key = PrivateKey::generate(KeyKind::p256);
  const Bytes signature = *key.sign(Scheme::ecdsa_sha256, contents);
  CHECK(SignedContent(by_digest).matching_scheme(key.public_key(), signature) ==
        Scheme::ecdsa_sha256);
  const Artifact other = Artifact::of(crypto::digest_of(to_bytes("other")));
  CHECK_FALSE(SignedContent(other).matching_scheme(key.public_key(), signature));

  // Pure Ed25519 is over the contents, and SHA-384 is not known.
  const PrivateKey pure = PrivateKey::generate(KeyKind::ed25519);
  const Bytes whole = *pure.sign(Scheme::ed25519, contents);
  CHECK_FALSE(SignedContent(by_digest).matching_scheme(pure.public_key(), whole));
  const Artifact by_contents = Artifact::of(contents);
  CHECK(SignedContent(by_contents).matching_scheme(pure.public_key(), whole) == Scheme::ed25519);
  const PrivateKey p384 = PrivateKey::generate(KeyKind::p384);
  CHECK_FALSE(SignedContent(by_digest).matching_scheme(p384.public_key(),
                                                       *p384.sign(Scheme::ecdsa_sha384, contents)));
}

}  // namespace touchstone::verify
