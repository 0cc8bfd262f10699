// Asking a timestamp authority when a signature was there.
//
// Spec: RFC 3161 sections 2.4.1 and 3.4.
#pragma once

#include "base/bytes.h"
#include "base/http.h"
#include "base/result.h"
#include "sign/service.h"

namespace touchstone::sign {

// TimeStampResp for `signature`, as bundles carry it. It was asked for with a fresh nonce; what
// came back grants a token for this signature and this question. Whose word it is, is for a
// verifier to say.
// Errors: network.*, limit.size, signature.timestamp, binding.timestamp (of other bytes, or the
// answer to another question).
Result<Bytes> ask_for_timestamp(HttpClient& http, const ServiceAddress& authority,
                                ByteView signature);

}  // namespace touchstone::sign
