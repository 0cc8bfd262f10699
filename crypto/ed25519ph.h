// Ed25519ph, which OpenSSL knows from version 3.2 on only.
//
// Spec: RFC 8032 section 5.1, with an empty context. Refused as well: points of small order and
// encodings that are not canonical.
#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace touchstone::crypto {

inline constexpr std::size_t ed25519_key_bytes = 32;

// Whether `signature` is over the SHA-512 of `message`, by the key with these 32 bytes.
bool verify_ed25519ph(ByteView key, ByteView message, ByteView signature);

// The same where only the digest is known, 64 bytes. Refused as well: keys outside the subgroup
// that keys are made in, among them those of small order and in encodings that are not canonical.
bool verify_ed25519ph_digest(ByteView key, ByteView sha512, ByteView signature);

}  // namespace touchstone::crypto
