#include "crypto/merkle.h"

#include <algorithm>
#include <bit>

#include "crypto/hash.h"

namespace touchstone::crypto {
namespace {

// RFC 9162 section 2.1.1: "the hash calculations for leaves and nodes differ; this domain
// separation is required to give second preimage resistance".
constexpr std::uint8_t leaf_prefix = 0x00;
constexpr std::uint8_t node_prefix = 0x01;

Bytes hashed(std::uint8_t prefix, ByteView first, ByteView second) {
  Bytes input = {prefix};
  input.insert(input.end(), first.begin(), first.end());
  input.insert(input.end(), second.begin(), second.end());
  return hash(Hash::sha256, input);
}

bool is_tree_hash(ByteView bytes) { return bytes.size() == tree_hash_bytes; }

}  // namespace

Bytes leaf_hash(ByteView entry) { return hashed(leaf_prefix, entry, {}); }

std::optional<Bytes> inclusion_root(std::uint64_t index, std::uint64_t size, ByteView leaf,
                                    std::span<const Bytes> hashes) {
  if (index >= size || !is_tree_hash(leaf)) return std::nullopt;
  if (!std::ranges::all_of(hashes, is_tree_hash)) return std::nullopt;
  // Below the node where the paths of this leaf and of the last one part, each level has a
  // sibling, on the side that the index says. Above, only left ones: what lies right of the last
  // leaf is not there.
  const auto inner = static_cast<std::size_t>(std::bit_width(index ^ (size - 1)));
  const auto border = static_cast<std::size_t>(inner == 64 ? 0 : std::popcount(index >> inner));
  if (hashes.size() != inner + border) return std::nullopt;
  Bytes running(leaf.begin(), leaf.end());
  for (std::size_t level = 0; level < hashes.size(); ++level) {
    const bool sibling_is_left = level >= inner || (index >> level & 1) != 0;
    running = sibling_is_left ? hashed(node_prefix, hashes[level], running)
                              : hashed(node_prefix, running, hashes[level]);
  }
  return running;
}

}  // namespace touchstone::crypto
