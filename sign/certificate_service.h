// Asking a certificate authority for a certificate of whoever an identity token names.
//
// Spec: Fulcio's API, version 2: POST /api/v2/signingCert.
#pragma once

#include "base/http.h"
#include "base/key_device.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "sign/identity_token.h"
#include "sign/service.h"

namespace touchstone::sign {

// A certificate for the device's key: one signature of the device proves that it has the key. What
// came back is for this key; who issued it, is for a verifier to say.
// Errors: device.*, network.*, limit.*, auth.identity-token (the authority does not take the
// token), network.protocol (no certificate, one for another key, or one that no log has seen).
Result<crypto::Certificate> ask_for_certificate(HttpClient& http, const ServiceAddress& authority,
                                                const IdentityToken& token, KeyDevice& device,
                                                const crypto::PublicKey& key);

}  // namespace touchstone::sign
