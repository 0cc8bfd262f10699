// Writing DER.
//
// Spec: ITU-T X.690 section 10: definite lengths in their shortest form.
#pragma once

#include <initializer_list>
#include <string_view>

#include "base/bytes.h"

namespace touchstone::der {

// One element: its content is the parts, one after another.
Bytes element(std::uint8_t tag, std::initializer_list<ByteView> parts);

// An INTEGER of this big-endian magnitude, never negative.
Bytes unsigned_number(ByteView magnitude);

// A BIT STRING of whole octets.
Bytes bits(ByteView octets);

Bytes text(std::uint8_t tag, std::string_view characters);

}  // namespace touchstone::der
