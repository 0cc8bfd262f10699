// SHA-2 and random bytes.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/digest.h"

namespace touchstone::crypto {

enum class Hash : std::uint8_t { sha256, sha384, sha512 };

Bytes hash(Hash algorithm, ByteView message);  // 32, 48 or 64 bytes

// The digest of bytes that were received, to compare with the one that was asked for.
Digest digest_of(ByteView bytes, Digest::Algorithm algorithm = Digest::Algorithm::sha256);

// The hash of bytes that come in pieces.
class Hasher {
 public:
  explicit Hasher(Hash algorithm);
  explicit Hasher(Digest::Algorithm algorithm);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void restart();
  void add(ByteView bytes);
  Bytes hash() const;     // of what was added since the beginning
  Digest digest() const;  // the same; there is none for SHA-384

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Bytes random_bytes(std::size_t count);

// In a time that does not tell where they differ. False when the lengths do.
bool equal_in_constant_time(ByteView a, ByteView b);

}  // namespace touchstone::crypto
