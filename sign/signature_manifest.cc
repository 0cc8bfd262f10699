#include "sign/signature_manifest.h"

#include <algorithm>

#include "base/limits.h"
#include "crypto/hash.h"
#include "formats/json.h"
#include "formats/simple_signing.h"

namespace touchstone::sign {
namespace {

using formats::Descriptor;
using formats::Json;

constexpr std::string_view config_type = "application/vnd.oci.image.config.v1+json";
// What cosign writes for a configuration that nobody made at any time.
constexpr std::string_view no_time = "0001-01-01T00:00:00Z";

Json history_entry() {
  Json entry;
  entry.set("created", Json(no_time));
  return entry;
}

Json empty_config() {
  Json file_system;
  file_system.set("type", Json("layers"));
  file_system.set("diff_ids", Json(Json::Array()));
  Json config;
  config.set("architecture", Json(""));
  config.set("created", Json(no_time));
  config.set("history", Json(Json::Array()));
  config.set("os", Json(""));
  config.set("rootfs", std::move(file_system));
  config.set("config", Json(Json::Object()));
  return config;
}

Json empty_manifest() {
  Json manifest;
  manifest.set("schemaVersion", Json(std::uint64_t{2}));
  manifest.set("mediaType", Json(formats::media_type::oci_manifest));
  manifest.set("config", Json(Json::Object()));
  manifest.set("layers", Json(Json::Array()));
  return manifest;
}

Json layer_json(const Descriptor& layer) {
  Json annotations;
  for (const auto& [name, value] : layer.annotations) annotations.set(name, Json(value));
  Json json;
  json.set("mediaType", Json(layer.media_type));
  json.set("size", Json(layer.size));
  json.set("digest", Json(layer.digest.to_string()));
  json.set("annotations", std::move(annotations));
  return json;
}

std::string_view signature_of(const Descriptor& layer) {
  const auto found = layer.annotations.find(std::string(formats::signature_annotation));
  return found == layer.annotations.end() ? std::string_view() : found->second;
}

// The configuration with the digests of all layers: those that stood there keep theirs, which for
// layers that are no payloads may be others than their descriptors say.
Result<Json> with_diff_id(Json config, const std::vector<Descriptor>& before,
                          const Descriptor& added) {
  if (config.object() == nullptr) {
    return Error{Code::format_manifest, "the configuration under cosign's tag is no object", ""};
  }
  Json file_system;
  if (const Json* there = config.find("rootfs"); there != nullptr && there->object() != nullptr) {
    file_system = *there;
  }
  const Json* listed = file_system.find("diff_ids");
  Json::Array ids;
  if (listed != nullptr && listed->array() != nullptr && listed->array()->size() == before.size()) {
    ids = *listed->array();
  } else {
    for (const Descriptor& layer : before) ids.emplace_back(layer.digest.to_string());
  }
  ids.emplace_back(added.digest.to_string());
  file_system.set("type", Json("layers"));
  file_system.set("diff_ids", Json(std::move(ids)));
  config.set("rootfs", std::move(file_system));

  if (const Json* history = config.find("history"); history != nullptr && history->array()) {
    Json::Array entries = *history->array();
    entries.push_back(history_entry());
    config.set("history", Json(std::move(entries)));
  }
  return config;
}

}  // namespace

Result<std::optional<SignatureManifest>> with_signature(
    const std::optional<ExistingSignatures>& before, const Descriptor& layer) {
  Json document = empty_manifest();
  Json config = empty_config();
  std::vector<Descriptor> layers;
  std::string media_type(formats::media_type::oci_manifest);
  if (before) {
    TS_TRY(const auto parsed, formats::Manifest::parse(before->manifest, ""));
    if (parsed.image() == nullptr) {
      return Error{Code::format_manifest, "an index stands under cosign's tag", ""};
    }
    layers = parsed.image()->layers;
    media_type = parsed.media_type;
    TS_TRY(document, formats::parse_json(before->manifest, limits::max_manifest_bytes));
    auto read = formats::parse_json(before->config, limits::max_manifest_bytes);
    if (!read) {
      return in_context(std::move(read).error(), Code::format_manifest,
                        "the configuration under cosign's tag");
    }
    config = *std::move(read);
  }
  const bool there = std::ranges::any_of(layers, [&](const Descriptor& old) {
    return old.digest == layer.digest && signature_of(old) == signature_of(layer);
  });
  if (there) return std::optional<SignatureManifest>();
  if (layers.size() >= limits::max_signature_layers) {
    return Error{Code::limit_count, "cosign's tag holds as many signatures as cosign reads", ""};
  }

  TS_TRY(const Json changed_config, with_diff_id(std::move(config), layers, layer));
  SignatureManifest made;
  made.config = to_text(changed_config);
  made.media_type = media_type;
  const Json* old_config = document.find("config");
  Json config_json = old_config != nullptr && old_config->object() ? *old_config : Json();
  if (config_json.find("mediaType") == nullptr) config_json.set("mediaType", Json(config_type));
  config_json.set("size", Json(static_cast<std::uint64_t>(made.config.size())));
  config_json.set("digest", Json(crypto::digest_of(as_bytes(made.config)).to_string()));
  std::erase_if(*config_json.object(),
                [](const Json::Member& member) { return member.first == "data"; });
  document.set("config", std::move(config_json));
  const Json* old_layers = document.find("layers");
  Json::Array all =
      old_layers != nullptr && old_layers->array() ? *old_layers->array() : Json::Array();
  all.push_back(layer_json(layer));
  document.set("layers", Json(std::move(all)));
  made.manifest = to_text(document);
  if (made.manifest.size() > limits::max_manifest_bytes) {
    return Error{Code::limit_size, "the manifest under cosign's tag would be over 4 MiB", ""};
  }
  return std::optional<SignatureManifest>(std::move(made));
}

}  // namespace touchstone::sign
