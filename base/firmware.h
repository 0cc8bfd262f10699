// The version of a device's firmware.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace touchstone {

struct Firmware {
  std::uint8_t major_number = 0;
  std::uint8_t minor_number = 0;
  std::uint8_t patch = 0;

  static std::optional<Firmware> parse(ByteView three_bytes);
  static std::optional<Firmware> parse(std::string_view text);  // "5.7.0", each at most 255
  std::string to_string() const;
  friend auto operator<=>(const Firmware&, const Firmware&) = default;
};

namespace firmware {

// CVE-2017-15361: RSA keys that YubiKeys of these versions make can be factored.
inline constexpr Firmware first_with_roca{4, 2, 6};
inline constexpr Firmware last_with_roca{4, 3, 4};
// YSA-2024-03: before it an ECDSA key can be had out of a YubiKey that was opened.
inline constexpr Firmware first_without_eucleak{5, 7, 0};

inline bool makes_weak_rsa(const Firmware& version) {
  return version >= first_with_roca && version <= last_with_roca;
}

}  // namespace firmware
}  // namespace touchstone
