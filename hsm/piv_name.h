// The name of a key on a PIV card.
//
//   yubikey:9c                            the key in slot 9c of the one YubiKey there is
//   yubikey:serial=12345678;slot=9c       of the YubiKey with this serial number
//   piv:reader=NAME;slot=9c               of the card in this reader, whoever made it
//
// Both kinds take `serial`, `reader` and `slot`, each at most once, in any order; the slot is 9c
// when none is given. Slots: 9a 9c 9d 9e and 82 to 95, in lower-case hex. A reader's name is
// compared whole; ';', '%' and what is not printable ASCII are written %HH there. Refused: anything
// else, serial numbers with leading zeros, over 32 bits or 0, and a PIN.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace touchstone::hsm {

struct PivName {
  static constexpr std::uint8_t default_slot = 0x9C;

  bool any_maker = false;  // "piv:": not only YubiKeys
  std::optional<std::uint32_t> serial;
  std::optional<std::string> reader;
  std::uint8_t slot = default_slot;

  // Errors: usage.key-uri, usage.pin-in-arguments.
  static Result<PivName> parse(std::string_view text);

  // One spelling: parse() gives the same name back.
  std::string to_string() const;
};

// Whether `text` begins with "yubikey:" or "piv:".
bool is_piv_name(std::string_view text);

// Whether keys that sign live there: 9a, 9c, 9d, 9e, 82 to 95.
bool is_piv_slot(std::uint8_t slot);

// "9c"
std::string slot_text(std::uint8_t slot);

}  // namespace touchstone::hsm
