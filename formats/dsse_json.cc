#include "formats/dsse_json.h"

#include "base/encoding.h"

namespace touchstone::formats {

Json to_json(const DsseEnvelope& envelope) {
  Json::Array signatures;
  for (const DsseSignature& each : envelope.signatures) {
    Json signature;
    signature.set("sig", Json(to_base64(each.signature)));
    if (!each.keyid.empty()) signature.set("keyid", Json(each.keyid));
    signatures.push_back(std::move(signature));
  }
  Json out;
  out.set("payload", Json(to_base64(envelope.payload)));
  out.set("payloadType", Json(envelope.payload_type));
  out.set("signatures", Json(std::move(signatures)));
  return out;
}

}  // namespace touchstone::formats
