#include "sign/referrer.h"

#include "crypto/hash.h"
#include "formats/json.h"
#include "verify/find_attestation.h"

namespace touchstone::sign {
namespace {

using formats::Descriptor;
using formats::Json;

constexpr std::string_view empty_config = "{}";

Descriptor describe(std::string_view media_type, ByteView bytes) {
  return Descriptor{.media_type = std::string(media_type),
                    .digest = crypto::digest_of(bytes),
                    .size = bytes.size(),
                    .artifact_type = "",
                    .annotations = {},
                    .platform = std::nullopt,
                    .data = std::nullopt};
}

Json descriptor_json(const Descriptor& descriptor) {
  Json json;
  json.set("mediaType", Json(descriptor.media_type));
  json.set("size", Json(descriptor.size));
  json.set("digest", Json(descriptor.digest.to_string()));
  if (!descriptor.artifact_type.empty()) json.set("artifactType", Json(descriptor.artifact_type));
  return json;
}

std::string manifest_of(const Referrer& referrer, const Descriptor& config, const Descriptor& layer,
                        const Descriptor& subject) {
  Json notes{Json::Object()};
  for (const auto& [name, value] : referrer.annotations) notes.set(name, Json(value));
  Json manifest;
  manifest.set("schemaVersion", Json(std::uint64_t{2}));
  manifest.set("mediaType", Json(formats::media_type::oci_manifest));
  manifest.set("artifactType", Json(referrer.artifact_type));
  manifest.set("config", descriptor_json(config));
  manifest.set("layers", Json(Json::Array{descriptor_json(layer)}));
  manifest.set("subject", descriptor_json(subject));
  manifest.set("annotations", std::move(notes));
  return to_text(manifest);
}

}  // namespace

Status attach_referrer(const Target& target, const Referrer& referrer) {
  Descriptor config = describe(formats::media_type::oci_empty, as_bytes(empty_config));
  config.artifact_type = referrer.artifact_type;
  const Descriptor layer = describe(referrer.layer_type, referrer.layer);
  const std::string manifest = manifest_of(referrer, config, layer, target.image);

  TS_CHECK(target.repository->push_blob(config.digest, as_bytes(empty_config)));
  TS_CHECK(target.repository->push_blob(layer.digest, referrer.layer));
  Descriptor entry = describe(formats::media_type::oci_manifest, as_bytes(manifest));
  entry.artifact_type = referrer.artifact_type;
  entry.annotations = referrer.annotations;
  return target.repository->attach(entry, as_bytes(manifest), target.image.digest);
}

Status attach_key_attestation(const Target& target, ByteView pem) {
  return attach_referrer(target,
                         {verify::key_attestation_type, verify::key_attestation_layer, pem});
}

}  // namespace touchstone::sign
