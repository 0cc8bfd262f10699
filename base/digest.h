// The identity of a blob: an algorithm and the hash it gave.
//
// Spec: OCI Image Spec v1.1, descriptor.md, "Digests". sha256 and sha512, the registered
// algorithms, are taken. Upper-case hex is refused, so one blob has one spelling.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone {

class Digest {
 public:
  enum class Algorithm : std::uint8_t { sha256, sha512 };

  // Parses "sha256:<64 lower-case hex digits>" or "sha512:<128 lower-case hex digits>".
  // Errors: digest.malformed.
  static Result<Digest> parse(std::string_view text);

  // From the 32 or 64 bytes that the hash gave (crypto/hash.h makes them).
  // Errors: digest.malformed for any other size.
  static Result<Digest> from_hash(ByteView hash);

  Algorithm algorithm() const { return algorithm_; }
  std::string_view algorithm_name() const {
    return algorithm_ == Algorithm::sha256 ? "sha256" : "sha512";
  }
  ByteView hash() const {
    return ByteView(bytes_).first(algorithm_ == Algorithm::sha256 ? 32 : 64);
  }
  std::string hex() const;
  std::string to_string() const;  // the text that parse() accepts

  friend bool operator==(const Digest&, const Digest&) = default;
  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  Digest() = default;
  Algorithm algorithm_ = Algorithm::sha256;
  std::array<std::uint8_t, 64> bytes_{};
};

}  // namespace touchstone
