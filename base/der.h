// Reading DER, strictly: definite lengths in their shortest form, tags of one byte.
//
// Spec: ITU-T X.690 section 10. Refused by absence of a value: indefinite and non-shortest lengths,
// lengths past the end or over 32 bits, tags above 30, negative or padded integers where an
// unsigned one is read.
#pragma once

#include <cstdint>
#include <optional>

#include "base/reader.h"

namespace touchstone::der {

constexpr std::uint8_t integer = 0x02;
constexpr std::uint8_t bit_string = 0x03;
constexpr std::uint8_t octet_string = 0x04;
constexpr std::uint8_t object_identifier = 0x06;
constexpr std::uint8_t sequence = 0x30;

struct Element {
  std::uint8_t tag;
  ByteView content;
  ByteView whole;  // tag, length and content
};

// The next element, whatever its tag.
std::optional<Element> next(Reader& reader);

// The content of the next element, which must have this tag.
std::optional<ByteView> expect(Reader& reader, std::uint8_t tag);

// The magnitude of the next element, a non-negative INTEGER in shortest form, without leading zero
// (empty for zero).
std::optional<ByteView> unsigned_integer(Reader& reader);

}  // namespace touchstone::der
