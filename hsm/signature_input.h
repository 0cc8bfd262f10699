// Which signatures a key makes, what a token is given to sign, and what its answer becomes.
#pragma once

#include "base/key_device.h"
#include "base/result.h"
#include "crypto/public_key.h"
#include "hsm/cryptoki.h"

namespace touchstone::hsm {

// A message, or the digest of one by the hash of the scheme it is signed by.
struct Content {
  ByteView bytes;
  bool is_digest = false;

  bool is_signed_by(const crypto::PublicKey& key, Scheme scheme, ByteView signature) const;
};

// The message hashed here, because tokens differ in the hashes they know; for PKCS#1 v1.5 within
// its DigestInfo (RFC 8017 section 9.2); for Ed25519 the message itself.
struct SignatureInput {
  ck::Ulong mechanism = 0;
  Bytes data;
  ck::PssParameters pss{};  // used by RSA-PSS only
};

// Errors: device.algorithm, when keys of this kind do not make such signatures here.
Status check_scheme(const crypto::PublicKey& key, Scheme scheme);

// ECDSA with P-256 makes SHA-256, with P-384 SHA-384 and SHA-256, with P-521 SHA-512 and SHA-256.
// Errors: device.algorithm; for a digest, of Ed25519 and where its length is another hash's.
Result<SignatureInput> signature_input(const crypto::PublicKey& key, Scheme scheme,
                                       const Content& content);

// The token's answer as this project writes it: ECDSA's raw r||s becomes DER. Whether it verifies
// with `key` is checked here.
// Errors: device.signature.
Result<Bytes> checked_signature(const crypto::PublicKey& key, Scheme scheme, const Content& content,
                                Bytes answer);

}  // namespace touchstone::hsm
