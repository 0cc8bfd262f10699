// The library context that hashes are made, and keys, signatures and certificates checked in.
#pragma once

#include <openssl/types.h>

#include "crypto/hash.h"

namespace touchstone::crypto {

// Offers what is verified with and no more: RSA, ECDSA, Ed25519, SHA-1 (to refuse it by its name)
// and SHA-2, all of the default provider. The first use of an algorithm makes all of its kind
// ready, and reading a certificate asks each decoder of keys that there is whether it is the right
// one; with all that OpenSSL has, either took longer than checking a signature.
OSSL_LIB_CTX* verifying_library();

// Fetched once: a fetch costs more than hashing a manifest. Never null.
const EVP_MD* message_digest(Hash algorithm);

}  // namespace touchstone::crypto
