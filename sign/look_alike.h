// Bytes that would say something about an image if somebody signed them.
//
// Whoever gets such bytes signed as a file can take the bare signature, put it in another form, and
// attach it to an image (design section 11.15). What other verifiers read leniently is looked for
// leniently.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace touchstone::sign {

// What a signature of these bytes would pass for, for people: "a DSSE envelope's encoding" and the
// like. Absent for all other bytes. Of a long file its beginning will do.
//
// Looked for: the encoding that DSSE signs; a simple-signing payload, in any case of its members'
// names; an image's manifest or index of any version; what a JWS signs; COSE's Sig_structure (the
// Notary Project's two forms).
std::optional<std::string_view> passes_for(ByteView bytes);

}  // namespace touchstone::sign
