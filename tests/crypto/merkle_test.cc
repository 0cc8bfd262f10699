// Inclusion proofs against a tree that is made by RFC 9162's recursive definitions.
#include "crypto/merkle.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/encoding.h"
#include "crypto/hash.h"

namespace touchstone::crypto {
namespace {

Bytes node(const Bytes& left, const Bytes& right) {
  Bytes input = {0x01};
  input.insert(input.end(), left.begin(), left.end());
  input.insert(input.end(), right.begin(), right.end());
  return hash(Hash::sha256, input);
}

using Leaves = std::span<const Bytes>;

// Section 2.1.1: "let k be the largest power of two smaller than n".
std::size_t split(std::size_t n) {
  std::size_t k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

Bytes root_of(Leaves leaves) {
  if (leaves.size() == 1) return leaves[0];
  const std::size_t k = split(leaves.size());
  return node(root_of(leaves.first(k)), root_of(leaves.subspan(k)));
}

// Section 2.1.3.1: PATH(m, D_n).
std::vector<Bytes> path(std::size_t m, Leaves leaves) {
  if (leaves.size() == 1) return {};
  const std::size_t k = split(leaves.size());
  const bool left = m < k;
  std::vector<Bytes> hashes = left ? path(m, leaves.first(k)) : path(m - k, leaves.subspan(k));
  hashes.push_back(root_of(left ? leaves.subspan(k) : leaves.first(k)));
  return hashes;
}

std::vector<Bytes> numbered_leaves(std::size_t count) {
  std::vector<Bytes> leaves;
  for (std::size_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(to_bytes(std::to_string(i))));
  return leaves;
}

constexpr std::uint64_t last_index = ~std::uint64_t{0} - 1;

}  // namespace

TEST_CASE("a leaf's hash is that of RFC 9162", "[merkle]") {
  CHECK(to_hex(leaf_hash({})) ==
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  CHECK(leaf_hash(to_bytes("a")) != hash(Hash::sha256, to_bytes("a")));
}

TEST_CASE("every leaf of every small tree leads to its root, and to no other", "[merkle]") {
  const std::vector<Bytes> all = numbered_leaves(70);
  for (std::size_t size = 1; size <= all.size(); ++size) {
    const Leaves leaves = Leaves(all).first(size);
    const Bytes root = root_of(leaves);
    for (std::size_t index = 0; index < size; ++index) {
      CAPTURE(size, index);
      const std::vector<Bytes> hashes = path(index, leaves);
      CHECK(inclusion_root(index, size, leaves[index], hashes) == root);
      CHECK(inclusion_root(index, size, leaf_hash(to_bytes("other")), hashes) != root);
      for (std::size_t i = 0; i < hashes.size(); ++i) {
        std::vector<Bytes> flipped = hashes;
        flipped[i].back() ^= 1;
        CHECK(inclusion_root(index, size, leaves[index], flipped) != root);
      }
      // A proof for another place leads elsewhere, or has another length.
      for (std::size_t other = 0; other < size; ++other) {
        if (other != index) CHECK(inclusion_root(other, size, leaves[index], hashes) != root);
      }
    }
  }
}

TEST_CASE("a proof has exactly the hashes that index and size demand", "[merkle][SIG-18]") {
  const std::vector<Bytes> leaves = numbered_leaves(37);
  const Bytes any(tree_hash_bytes, 7);
  for (std::size_t index = 0; index < leaves.size(); ++index) {
    CAPTURE(index);
    std::vector<Bytes> hashes = path(index, leaves);
    std::vector<Bytes> shorter = hashes;
    shorter.pop_back();
    CHECK_FALSE(inclusion_root(index, leaves.size(), leaves[index], shorter));
    hashes.push_back(any);
    CHECK_FALSE(inclusion_root(index, leaves.size(), leaves[index], hashes));
  }
  CHECK_FALSE(inclusion_root(3, 37, leaves[3], {}));
  CHECK_FALSE(inclusion_root(3, 37, leaves[3], std::vector<Bytes>(1000, any)));
  CHECK_FALSE(inclusion_root(0, 1, leaves[0], std::vector<Bytes>(1, any)));
}

TEST_CASE("an index lies below the size, and hashes have 32 bytes", "[merkle][SIG-18]") {
  const std::vector<Bytes> leaves = numbered_leaves(8);
  const std::vector<Bytes> hashes = path(5, leaves);
  REQUIRE(inclusion_root(5, 8, leaves[5], hashes));
  CHECK_FALSE(inclusion_root(0, 0, leaves[5], {}));
  CHECK_FALSE(inclusion_root(8, 8, leaves[5], hashes));
  CHECK_FALSE(inclusion_root(9, 8, leaves[5], hashes));
  CHECK_FALSE(inclusion_root(std::uint64_t{1} << 63, 8, leaves[5], hashes));
  CHECK_FALSE(inclusion_root(~std::uint64_t{0}, ~std::uint64_t{0}, leaves[5], hashes));
  const std::vector<Bytes> many(64, Bytes(tree_hash_bytes, 7));
  for (std::size_t count = 0; count <= many.size(); ++count) {
    CAPTURE(count);
    const std::span<const Bytes> some = std::span(many).first(count);
    CHECK_FALSE(inclusion_root(0, 0, leaves[5], some));
    CHECK_FALSE(inclusion_root(8, 8, leaves[5], some));
    CHECK_FALSE(inclusion_root(~std::uint64_t{0}, 8, leaves[5], some));
  }
  CHECK_FALSE(inclusion_root(5, 8, ByteView(leaves[5]).first(31), hashes));
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    std::vector<Bytes> odd = hashes;
    odd[i].pop_back();
    CHECK_FALSE(inclusion_root(5, 8, leaves[5], odd));
    odd[i].resize(33);
    CHECK_FALSE(inclusion_root(5, 8, leaves[5], odd));
  }
}

TEST_CASE("the largest trees have no special arithmetic", "[merkle]") {
  const Bytes leaf = leaf_hash({});
  const Bytes any(tree_hash_bytes, 7);
  const std::uint64_t size = ~std::uint64_t{0};
  // The first and the last leaf part at the top: 64 levels with a sibling each.
  CHECK(inclusion_root(0, size, leaf, std::vector<Bytes>(64, any)));
  CHECK_FALSE(inclusion_root(0, size, leaf, std::vector<Bytes>(63, any)));
  // The last leaf, 2^64 - 2, has left siblings where its number has ones: 63 of them.
  CHECK(inclusion_root(last_index, size, leaf, std::vector<Bytes>(63, any)));
  CHECK_FALSE(inclusion_root(last_index, size, leaf, std::vector<Bytes>(64, any)));
}

}  // namespace touchstone::crypto
