#include "formats/descriptor.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "formats/json_fields.h"

namespace touchstone::formats {
namespace {

constexpr std::array image_types = {media_type::oci_manifest, media_type::docker_manifest};
constexpr std::array index_types = {media_type::oci_index, media_type::docker_list};

bool is_image_type(std::string_view type) {
  return std::ranges::find(image_types, type) != image_types.end();
}
bool is_index_type(std::string_view type) {
  return std::ranges::find(index_types, type) != index_types.end();
}

// What stands before the parameters of a media type.
std::string_view bare_type(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type;
}

Result<std::optional<Bytes>> embedded_data(const Fields& fields, const Digest& digest,
                                           std::uint64_t size) {
  if (!fields.has("data")) return std::optional<Bytes>();
  TS_TRY(const std::string text, fields.string("data"));
  auto bytes = from_base64(text);
  if (!bytes) return fields.error("data", "malformed base64");
  if (bytes->size() != size || crypto::digest_of(*bytes, digest.algorithm()) != digest) {
    return fields.error("data", "is not what size and digest say");
  }
  return std::optional<Bytes>(std::move(bytes));
}

Result<std::optional<Platform>> platform(const Fields& fields) {
  TS_TRY(const auto members, fields.optional_object("platform"));
  if (!members) return std::optional<Platform>();
  Platform platform;
  TS_TRY(platform.os, members->string_or("os", ""));
  TS_TRY(platform.architecture, members->string_or("architecture", ""));
  TS_TRY(platform.variant, members->string_or("variant", ""));
  return std::optional<Platform>(std::move(platform));
}

Result<Descriptor> descriptor(const Fields& fields) {
  TS_TRY(std::string media_type, fields.string("mediaType"));
  TS_TRY(const std::string text, fields.string("digest"));
  auto digest = Digest::parse(text);
  if (!digest) return in_context(std::move(digest).error(), Code::digest_malformed, fields.path());
  TS_TRY(const std::uint64_t size, fields.unsigned_integer("size"));
  if (size > static_cast<std::uint64_t>(INT64_MAX)) return fields.error("size", "is over 63 bits");
  TS_TRY(std::string artifact_type, fields.string_or("artifactType", ""));
  TS_TRY(auto annotations, fields.string_map_or_empty("annotations"));
  TS_TRY(auto where, platform(fields));
  TS_TRY(auto data, embedded_data(fields, *digest, size));
  return Descriptor{
      std::move(media_type),  *digest,          size,           std::move(artifact_type),
      std::move(annotations), std::move(where), std::move(data)};
}

Result<std::optional<Descriptor>> subject(const Fields& root) {
  TS_TRY(const auto fields, root.optional_object("subject"));
  if (!fields) return std::optional<Descriptor>();
  TS_TRY(Descriptor parsed, descriptor(*fields));
  return std::optional<Descriptor>(std::move(parsed));
}

Result<ImageManifest> image_manifest(const Fields& root) {
  TS_TRY(std::string artifact_type, root.string_or("artifactType", ""));
  TS_TRY(const Fields config_fields, root.object("config"));
  TS_TRY(Descriptor config, descriptor(config_fields));
  TS_TRY(const auto layer_fields, root.objects_or_empty("layers", limits::max_layers));
  std::vector<Descriptor> layers;
  for (const Fields& fields : layer_fields) {
    TS_TRY(Descriptor layer, descriptor(fields));
    layers.push_back(std::move(layer));
  }
  TS_TRY(auto of, subject(root));
  TS_TRY(auto annotations, root.string_map_or_empty("annotations"));
  return ImageManifest{std::move(artifact_type), std::move(config), std::move(layers),
                       std::move(of), std::move(annotations)};
}

Result<ImageIndex> image_index(const Fields& root) {
  TS_TRY(std::string artifact_type, root.string_or("artifactType", ""));
  TS_TRY(const auto entries, root.objects_or_empty("manifests", limits::max_index_entries));
  std::vector<Descriptor> manifests;
  for (const Fields& fields : entries) {
    TS_TRY(Descriptor entry, descriptor(fields));
    manifests.push_back(std::move(entry));
  }
  TS_TRY(auto of, subject(root));
  TS_TRY(auto annotations, root.string_map_or_empty("annotations"));
  return ImageIndex{std::move(artifact_type), std::move(manifests), std::move(of),
                    std::move(annotations)};
}

Result<Manifest> parse_members(const Json& document, std::string_view expected_type) {
  TS_TRY(const Fields root, Fields::of(document));
  TS_TRY(const std::uint64_t schema, root.unsigned_integer("schemaVersion"));
  if (schema != 2) return root.error("schemaVersion", "only version 2 is taken");
  const bool image_shape = root.has("config") || root.has("layers");
  const bool index_shape = root.has("manifests");
  if (image_shape == index_shape) {
    return root.error("manifests", image_shape ? "stands beside config or layers: ambiguous"
                                               : "missing, and so are config and layers");
  }
  TS_TRY(std::string type, root.string_or("mediaType", ""));
  if (type.empty()) type = image_shape ? media_type::oci_manifest : media_type::oci_index;
  if (image_shape ? !is_image_type(type) : !is_index_type(type)) {
    return root.error("mediaType", "\"" + printable(type) + "\" does not fit what stands there");
  }
  if (!expected_type.empty() && bare_type(expected_type) != type) {
    return root.error("mediaType", "\"" + printable(type) + "\" was announced as \"" +
                                       printable(expected_type) + "\"");
  }
  if (image_shape) {
    TS_TRY(ImageManifest manifest, image_manifest(root));
    return Manifest{std::move(type), std::move(manifest)};
  }
  TS_TRY(ImageIndex index, image_index(root));
  return Manifest{std::move(type), std::move(index)};
}

}  // namespace

Result<Platform> Platform::parse(std::string_view text) {
  const auto parts = split(text, '/');
  const bool fits = (parts.size() == 2 || parts.size() == 3) &&
                    std::ranges::none_of(
                        parts, [](auto part) { return part.empty() || printable(part) != part; });
  if (!fits) {
    return Error{Code::reference_platform, "\"" + printable(text) + "\" is not a platform", ""};
  }
  return Platform{std::string(parts[0]), std::string(parts[1]),
                  parts.size() == 3 ? std::string(parts[2]) : ""};
}

std::string Platform::to_string() const {
  return os + "/" + architecture + (variant.empty() ? "" : "/" + variant);
}

Result<Manifest> Manifest::parse(ByteView bytes, std::string_view expected_type) {
  auto document = parse_json(bytes, limits::max_manifest_bytes);
  if (!document) return in_context(std::move(document).error(), Code::format_manifest, "manifest");
  auto manifest = parse_members(*document, expected_type);
  if (!manifest && manifest.error().code == Code::format_json) {
    return in_context(std::move(manifest).error(), Code::format_manifest, "manifest");
  }
  return manifest;
}

const std::optional<Descriptor>& Manifest::subject() const {
  const ImageManifest* as_image = image();
  return as_image != nullptr ? as_image->subject : index()->subject;
}

Result<ReferrersList> ReferrersList::parse(ByteView bytes) {
  auto document = parse_json(bytes, limits::max_referrers_page_bytes);
  if (!document) {
    return in_context(std::move(document).error(), Code::format_referrers, "list of referrers");
  }
  const auto refuse = [](Error error) {
    return in_context(std::move(error), Code::format_referrers, "list of referrers");
  };
  auto root = Fields::of(*document);
  if (!root) return refuse(std::move(root).error());
  const auto type = root->string_or("mediaType", media_type::oci_index);
  if (!type || (*type != media_type::oci_index && *type != media_type::docker_list)) {
    return refuse(root->error("mediaType", "is not that of an index"));
  }
  auto items = root->array("manifests");
  if (!items) return refuse(std::move(items).error());
  if ((*items)->size() > limits::max_referrers) {
    return Error{Code::limit_count, "list of referrers: too many entries", ""};
  }
  ReferrersList list;
  for (const Json& item : **items) {
    const auto fields = Fields::of(item, "manifests[]");
    auto entry = fields ? descriptor(*fields) : Result<Descriptor>(fields.error());
    if (entry) {
      list.entries.push_back(*std::move(entry));
    } else {
      ++list.malformed;
    }
  }
  return list;
}

}  // namespace touchstone::formats
