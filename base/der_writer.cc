#include "base/der_writer.h"

#include <array>

#include "base/der.h"

namespace touchstone::der {

Bytes element(std::uint8_t tag, std::initializer_list<ByteView> parts) {
  std::size_t size = 0;
  for (const ByteView part : parts) size += part.size();
  Bytes out = {tag};
  if (size < 0x80) {
    out.push_back(static_cast<std::uint8_t>(size));
  } else {
    Bytes length;
    for (std::size_t rest = size; rest != 0; rest >>= 8) {
      length.insert(length.begin(), static_cast<std::uint8_t>(rest));
    }
    out.push_back(static_cast<std::uint8_t>(0x80 | length.size()));
    out.insert(out.end(), length.begin(), length.end());
  }
  for (const ByteView part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

Bytes unsigned_number(ByteView magnitude) {
  while (!magnitude.empty() && magnitude.front() == 0) magnitude = magnitude.subspan(1);
  constexpr std::array<std::uint8_t, 1> zero = {0};
  const bool pad = magnitude.empty() || (magnitude.front() & 0x80) != 0;
  return element(integer, {pad ? ByteView(zero) : ByteView(), magnitude});
}

Bytes bits(ByteView octets) {
  constexpr std::array<std::uint8_t, 1> no_unused_bits = {0};
  return element(bit_string, {ByteView(no_unused_bits), octets});
}

Bytes text(std::uint8_t tag, std::string_view characters) {
  const ByteView octets(reinterpret_cast<const std::uint8_t*>(characters.data()),
                        characters.size());
  return element(tag, {octets});
}

}  // namespace touchstone::der
