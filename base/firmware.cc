#include "base/firmware.h"

#include <array>
#include <charconv>

#include "base/text.h"

namespace touchstone {

std::optional<Firmware> Firmware::parse(ByteView bytes) {
  if (bytes.size() != 3) return std::nullopt;
  return Firmware{bytes[0], bytes[1], bytes[2]};
}

std::optional<Firmware> Firmware::parse(std::string_view text) {
  const auto parts = split(text, '.');
  std::array<std::uint8_t, 3> numbers{};
  if (parts.size() != numbers.size()) return std::nullopt;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::string_view part = parts[i];
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), numbers[i]);
    if (error != std::errc() || end != part.data() + part.size()) return std::nullopt;
  }
  return parse(ByteView(numbers));
}

std::string Firmware::to_string() const {
  return std::to_string(major_number) + "." + std::to_string(minor_number) + "." +
         std::to_string(patch);
}

}  // namespace touchstone
