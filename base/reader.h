// The one cursor through which untrusted binary data is read. It cannot go past its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace touchstone {

class Reader {
 public:
  explicit Reader(ByteView bytes) : bytes_(bytes) {}

  std::size_t offset() const { return offset_; }
  std::size_t left() const { return bytes_.size() - offset_; }
  bool at_end() const { return left() == 0; }

  std::optional<std::uint8_t> byte() {
    if (at_end()) return std::nullopt;
    return bytes_[offset_++];
  }

  std::optional<ByteView> take(std::size_t count) {
    if (count > left()) return std::nullopt;
    const ByteView taken = bytes_.subspan(offset_, count);
    offset_ += count;
    return taken;
  }

  // An unsigned big-endian integer of `width` bytes, 1 to 8.
  std::optional<std::uint64_t> big_endian(std::size_t width) {
    if (width < 1 || width > 8) return std::nullopt;
    const auto taken = take(width);
    if (!taken) return std::nullopt;
    std::uint64_t value = 0;
    for (const std::uint8_t b : *taken) value = value << 8 | b;
    return value;
  }

 private:
  ByteView bytes_;
  std::size_t offset_ = 0;
};

}  // namespace touchstone
