// Bytes, and views of them. Text is std::string; bytes from outside are Bytes until parsed.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace touchstone {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace touchstone
