// Hex and base64, strict: one spelling for one value, or a refusal.
//
// Spec: RFC 4648 sections 4, 5 and 8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace touchstone {

std::string to_hex(ByteView bytes);  // lower case

// The value of one digit of lower-case hex: for what must not lie in Bytes on its way.
std::optional<std::uint8_t> hex_value(char digit);

// Lower-case hex of even length; nothing else.
std::optional<Bytes> from_hex(std::string_view text);

std::string to_base64(ByteView bytes);  // standard alphabet, padded

enum class Base64 {
  standard,  // RFC 4648 section 4, padded: what PEM, descriptors and annotations use
  either,  // one of the two alphabets throughout, padding right or absent: protobuf's JSON mapping
};

// Refuses line breaks, blanks, a mix of alphabets, wrong padding and non-zero trailing bits.
std::optional<Bytes> from_base64(std::string_view text, Base64 kind = Base64::standard);

}  // namespace touchstone
