#include "sign/referrer.h"

#include <algorithm>
#include <vector>

#include "crypto/hash.h"
#include "formats/json.h"
#include "verify/attestation.h"
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

// Whether one of the attestations that lie there says what ours says, as far as either holds.
bool is_said_already(std::span<const std::vector<crypto::Certificate>> there,
                     std::span<const crypto::Certificate> ours,
                     std::span<const trust::HardwareVendor> makers, std::chrono::sys_seconds now) {
  // The device's own certificate stands for it where its maker is unknown.
  std::vector<trust::HardwareVendor> known(makers.begin(), makers.end());
  known.push_back({"device", "the device itself", {ours[1]}});
  const auto said = verify::judge_attestation(ours, known, now);
  return said && std::ranges::any_of(there, [&](const auto& chain) {
           if (chain.empty() || !(chain.front().key() == said->key)) return false;
           const auto other = verify::judge_attestation(chain, known, now);
           return other && other->vendor == said->vendor && other->facts == said->facts;
         });
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

Result<Attached> attach_key_attestation(const Target& target,
                                        std::span<const crypto::Certificate> chain,
                                        std::span<const trust::HardwareVendor> makers,
                                        std::chrono::sys_seconds now) {
  oci::Repository& repository = *target.repository;
  const auto listed = repository.image_and_referrers(target.image.digest, "");
  if (!listed.referrers) return listed.referrers.error();
  // What cannot be fetched is as if it did not lie there: one more does no harm.
  const auto there = verify::fetch_attestations(repository, target.image.digest, *listed.referrers);
  if (is_said_already(there.chains, chain, makers, now)) return Attached::before;
  const std::string pem = crypto::attestation_pem(chain);
  TS_CHECK(attach_referrer(
      target, {verify::key_attestation_type, verify::key_attestation_layer, as_bytes(pem)}));
  return Attached::now;
}

}  // namespace touchstone::sign
