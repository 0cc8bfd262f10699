#include "crypto/hash.h"

#include <catch2/catch.hpp>

namespace touchstone::crypto {

TEST_CASE("equal_in_constant_time is equality", "[hash]") {
  CHECK(equal_in_constant_time(Bytes{1, 2}, Bytes{1, 2}));
  CHECK(equal_in_constant_time(Bytes(), Bytes()));
  CHECK_FALSE(equal_in_constant_time(Bytes{1, 2}, Bytes{1, 3}));
  CHECK_FALSE(equal_in_constant_time(Bytes{1, 2}, Bytes{1}));
  CHECK_FALSE(equal_in_constant_time(Bytes{1}, Bytes{1, 2}));
}

TEST_CASE("a hasher gives the digest of all its pieces", "[hash]") {
  const auto algorithm = GENERATE(Digest::Algorithm::sha256, Digest::Algorithm::sha512);
  Hasher hasher(algorithm);
  CHECK(hasher.digest() == digest_of({}, algorithm));
  hasher.add(as_bytes("ab"));
  CHECK(hasher.digest() == digest_of(as_bytes("ab"), algorithm));
  hasher.add(as_bytes("c"));
  CHECK(hasher.digest() == digest_of(as_bytes("abc"), algorithm));
  hasher.restart();
  hasher.add(as_bytes("d"));
  CHECK(hasher.digest() == digest_of(as_bytes("d"), algorithm));
}

TEST_CASE("a hasher knows every hash", "[hash]") {
  const auto algorithm = GENERATE(Hash::sha256, Hash::sha384, Hash::sha512);
  Hasher hasher(algorithm);
  hasher.add(as_bytes("ab"));
  hasher.add(as_bytes("c"));
  CHECK(hasher.hash() == hash(algorithm, as_bytes("abc")));
}

}  // namespace touchstone::crypto
