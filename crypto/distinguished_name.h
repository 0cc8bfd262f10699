// The subject of a certificate from what a user writes.
//
// Spec: RFC 4514 (text: "CN=release,O=Example Ltd,C=DE", the most significant part last) and
// RFC 5280 section 4.1.2.4 (DER). Taken are CN, O, OU, L, ST and C, in any case of letters, each at
// most once, none empty, within the upper bounds of RFC 5280 appendix A.1; C is two letters. Blanks
// around a part are dropped unless escaped. Refused: parts joined by '+', values in '#' hex,
// quotes, text that is not UTF-8 or holds what printable() would escape.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone::crypto {

// A Name in DER.
// Errors: usage.arguments.
Result<Bytes> parse_distinguished_name(std::string_view text);

}  // namespace touchstone::crypto
