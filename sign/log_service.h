// Putting a signature into a transparency log.
//
// Spec: Rekor v1's API (openapi.yaml: POST /api/v1/log/entries; entry types hashedrekord 0.0.1 and
// dsse 0.0.1); Rekor v2's (rekor-tiles: POST /api/v2/log/entries, hashedRekordRequestV002).
#pragma once

#include "base/http.h"
#include "base/result.h"
#include "formats/log_entry.h"
#include "sign/service.h"
#include "verify/transparency.h"

namespace touchstone::sign {

struct TransparencyLogService {
  enum class Version : std::uint8_t { rekor1 = 1, rekor2 = 2 };
  ServiceAddress address;
  Version version;
};

// The log at an address that a user gave. `/api/v1` or `/api/v2` at its end says which version it
// speaks; else it is asked: only version 1 describes itself at /api/v1/log.
// Errors: usage.arguments, network.*.
Result<TransparencyLogService> find_log_service(HttpClient& http, std::string_view url);

// Whether such a log takes signatures by such a key, over an envelope or a file: known before
// anything is signed. Ed25519 signs no digest, so version 1 takes it for envelopes alone, and
// version 2 not at all. Version 1 checks envelopes by SHA-256, so none by P-384 or P-521; version 2
// knows RSA of 2048, 3072 and 4096 bits.
// Errors: usage.arguments.
Status can_log(const TransparencyLogService& log, const crypto::PublicKey& key, bool envelope);

// Makes an entry, and returns what a bundle carries of it. A log that holds it already gives what
// it has. The entry is about this signature, signer and content, with the proofs that its version
// owes; who signed them, is for a verifier to say.
// Errors: network.*, limit.*, binding.log-entry (it is about another signature),
// signature.log-promise and signature.log-proof (they are missing), as can_log().
Result<formats::LogEntry> log_signature(HttpClient& http, const TransparencyLogService& log,
                                        const verify::LoggedSignature& signature);

}  // namespace touchstone::sign
