// Proofs that a transparency log's tree holds an entry.
//
// Spec: RFC 9162 section 2.1 (the same tree as RFC 6962's), with SHA-256.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"

namespace touchstone::crypto {

inline constexpr std::size_t tree_hash_bytes = 32;

// SHA-256(0x00 || entry).
Bytes leaf_hash(ByteView entry);

// The root of the tree of `size` leaves to which `hashes`, from the leaf upwards, lead from the
// leaf at `index`. It proves nothing until it is compared with a root that somebody signed.
// Absent: an index that is not below the size, a hash that is not 32 bytes, and any number of
// hashes but the one that index and size demand.
std::optional<Bytes> inclusion_root(std::uint64_t index, std::uint64_t size, ByteView leaf,
                                    std::span<const Bytes> hashes);

}  // namespace touchstone::crypto
