// Signatures made in memory, for tests that change one thing about them.
#pragma once

#include <string>
#include <string_view>

#include "base/encoding.h"
#include "crypto/private_key.h"
#include "formats/dsse.h"
#include "formats/json.h"
#include "formats/sigstore_bundle.h"
#include "formats/simple_signing.h"
#include "formats/statement.h"
#include "verify/evidence.h"

namespace touchstone::test {

inline verify::TrustedSigner signer(const crypto::PrivateKey& key,
                                    std::string source = "key test") {
  return {trust::TrustedKey{key.public_key(), "", std::nullopt, std::nullopt, ""},
          std::move(source)};
}

// A signature of `payload` as DSSE says.
inline Bytes signed_encoding(const crypto::PrivateKey& key, std::string_view type,
                             std::string_view payload) {
  return *key.sign(key.public_key().signing_scheme(),
                   formats::pre_authentication_encoding(type, as_bytes(payload)));
}

// A bundle over `payload`, signed by `key` as DSSE says.
inline std::string bundle(const crypto::PrivateKey& key, std::string_view payload,
                          std::string_view type = formats::in_toto_payload_type) {
  return formats::write_bundle(key.public_key().hint(), type, to_bytes(payload),
                               signed_encoding(key, type, payload));
}

// A bundle with a bare message signature.
inline std::string message_bundle(const crypto::PrivateKey& key, ByteView message) {
  using formats::Json;
  Json hint;
  hint.set("hint", Json(key.public_key().hint()));
  Json material;
  material.set("publicKey", hint);
  Json digest;
  digest.set("algorithm", Json("SHA2_256"));
  digest.set("digest", Json(to_base64(crypto::hash(crypto::Hash::sha256, message))));
  Json signature;
  signature.set("messageDigest", digest);
  signature.set("signature",
                Json(to_base64(*key.sign(key.public_key().signing_scheme(), message))));
  Json bundle;
  bundle.set("mediaType", Json("application/vnd.dev.sigstore.bundle.v0.3+json"));
  bundle.set("verificationMaterial", material);
  bundle.set("messageSignature", signature);
  return to_text(bundle);
}

// A layer of cosign's legacy form over `payload`, with the hash that cosign always takes there.
inline verify::SimpleSigningLayer simple_signing_layer(const crypto::PrivateKey& key,
                                                       std::string_view payload) {
  const bool pure = key.public_key().kind() == crypto::KeyKind::ed25519;
  const bool rsa = key.public_key().kind() == crypto::KeyKind::rsa;
  const Scheme scheme = pure  ? Scheme::ed25519
                        : rsa ? Scheme::rsa_pkcs1_sha256
                              : Scheme::ecdsa_sha256;
  formats::Descriptor descriptor{std::string(formats::media_type::simple_signing),
                                 crypto::digest_of(as_bytes(payload)),
                                 payload.size(),
                                 "",
                                 {},
                                 {},
                                 {}};
  descriptor.annotations[std::string(formats::signature_annotation)] =
      to_base64(*key.sign(scheme, as_bytes(payload)));
  return {std::move(descriptor), to_bytes(payload)};
}

}  // namespace touchstone::test
