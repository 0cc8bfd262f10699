#include "sign/sign_envelope.h"

namespace touchstone::sign {

Result<formats::DsseEnvelope> sign_envelope(KeyDevice& device, const crypto::PublicKey& key,
                                            std::string_view payload_type, ByteView payload) {
  const Bytes encoding = formats::pre_authentication_encoding(payload_type, payload);
  TS_TRY(Bytes signature, device.sign(key.signing_scheme(), encoding));
  return formats::DsseEnvelope{std::string(payload_type),
                               Bytes(payload.begin(), payload.end()),
                               {{std::move(signature), ""}}};
}

}  // namespace touchstone::sign
