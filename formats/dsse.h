// The Dead Simple Signing Envelope.
//
// Spec: DSSE v1, protocol.md and envelope.md. Members that are unknown are passed over, as it asks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone::formats {

struct DsseSignature {
  Bytes signature;
  std::string keyid;  // a hint; empty where none is given
};

struct DsseEnvelope {
  std::string payload_type;
  Bytes payload;
  std::vector<DsseSignature> signatures;

  // An envelope in JSON. Refused: no signature, or more than 16; one that is empty; malformed
  // base64, which may be of either alphabet.
  // Errors: format.json, limit.*.
  static Result<DsseEnvelope> parse(ByteView bytes);
};

namespace media_type {
inline constexpr std::string_view dsse_envelope = "application/vnd.dsse.envelope.v1+json";
}  // namespace media_type

// What is signed: "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload, lengths in bytes.
Bytes pre_authentication_encoding(std::string_view payload_type, ByteView payload);

}  // namespace touchstone::formats
