#include "formats/dsse.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "formats/json_fields.h"

namespace touchstone::formats {
namespace {

constexpr std::size_t max_signatures = 16;  // those who sign one statement together

Result<Bytes> base64_of(const Fields& fields, std::string_view name) {
  TS_TRY(const std::string text, fields.string(name));
  auto bytes = from_base64(text, Base64::either);
  if (!bytes) return fields.error(name, "malformed base64");
  return *std::move(bytes);
}

}  // namespace

Result<DsseEnvelope> DsseEnvelope::parse(ByteView bytes) {
  TS_TRY(const Json document, parse_json(bytes, limits::max_bundle_bytes));
  TS_TRY(const Fields fields, Fields::of(document));
  DsseEnvelope envelope;
  TS_TRY(envelope.payload_type, fields.string("payloadType"));
  TS_TRY(envelope.payload, base64_of(fields, "payload"));
  TS_TRY(const auto signatures, fields.objects_or_empty("signatures", max_signatures));
  if (signatures.empty()) return fields.error("signatures", "holds none");
  for (const Fields& entry : signatures) {
    DsseSignature signature;
    TS_TRY(signature.signature, base64_of(entry, "sig"));
    if (signature.signature.empty()) return entry.error("sig", "is empty");
    TS_TRY(signature.keyid, entry.string_or("keyid", ""));
    envelope.signatures.push_back(std::move(signature));
  }
  return envelope;
}

Bytes pre_authentication_encoding(std::string_view payload_type, ByteView payload) {
  const std::string head = "DSSEv1 " + std::to_string(payload_type.size()) + " " +
                           std::string(payload_type) + " " + std::to_string(payload.size()) + " ";
  Bytes out(head.begin(), head.end());
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

}  // namespace touchstone::formats
