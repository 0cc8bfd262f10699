// The Dead Simple Signing Envelope.
//
// Spec: DSSE v1, protocol.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace touchstone::formats {

struct DsseSignature {
  Bytes signature;
  std::string keyid;  // a hint; empty where none is given
};

struct DsseEnvelope {
  std::string payload_type;
  Bytes payload;
  std::vector<DsseSignature> signatures;
};

// What is signed: "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload, lengths in bytes.
Bytes pre_authentication_encoding(std::string_view payload_type, ByteView payload);

}  // namespace touchstone::formats
