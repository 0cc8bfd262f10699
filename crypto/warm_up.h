// For a process that is about to fork.
#pragma once

namespace touchstone::crypto {

// Looks up once what reading a key and checking an ECDSA signature take in OpenSSL (some 0.5 ms),
// so that a child need not look it up again.
void warm_up();

}  // namespace touchstone::crypto
