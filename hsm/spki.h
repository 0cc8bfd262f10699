// SubjectPublicKeyInfo from the numbers that devices tell of a key.
//
// Spec: RFC 5480 section 2, RFC 8017 appendix A.1.1, RFC 8410 section 4. What comes out is checked
// by crypto::PublicKey::from_der, like any other key.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "crypto/public_key.h"

namespace touchstone::hsm {

// RSA's two numbers, big-endian. Absent when one is empty or over 4096 bytes.
std::optional<Bytes> rsa_spki(ByteView modulus, ByteView exponent);

// An uncompressed point. Absent when it does not have the curve's size.
std::optional<Bytes> ec_spki(crypto::KeyKind curve, ByteView point);

// The 32 bytes of RFC 8032. Absent when they are not 32.
std::optional<Bytes> ed25519_spki(ByteView point);

// The bytes of one coordinate of the curve; 0 for what is no curve.
std::size_t coordinate_bytes(crypto::KeyKind curve);

}  // namespace touchstone::hsm
