// The library context that certificates are read and checked in.
#pragma once

#include <openssl/types.h>

namespace touchstone::crypto {

// Offers what signatures of certificates are made with and no more: RSA, ECDSA, Ed25519, SHA-1 (to
// refuse it by its name) and SHA-2, all of the default provider. Reading a certificate asks each
// decoder of keys that there is whether it is the right one; with all of them it took longer than
// checking a signature.
OSSL_LIB_CTX* certificate_library();

}  // namespace touchstone::crypto
