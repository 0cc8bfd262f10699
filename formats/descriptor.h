// Descriptors, manifests and indexes of images: bytes in, types out.
//
// Spec: OCI Image Spec v1.1 (descriptor.md, manifest.md, image-index.md), and Docker's schema 2
// manifest and manifest list, which have the same members.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"

namespace touchstone::formats {

namespace media_type {
inline constexpr std::string_view oci_manifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view oci_index = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view docker_manifest =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view docker_list =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view oci_empty = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view bundle_v03 = "application/vnd.dev.sigstore.bundle.v0.3+json";
}  // namespace media_type

struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;  // empty where none is given

  // "linux/arm64/v8" or "linux/amd64". Errors: reference.platform.
  static Result<Platform> parse(std::string_view text);
  std::string to_string() const;
  friend bool operator==(const Platform&, const Platform&) = default;
};

struct Descriptor {
  std::string media_type;
  Digest digest;
  std::uint64_t size = 0;
  std::string artifact_type;                       // empty where none is given
  std::map<std::string, std::string> annotations;  // nothing in them is authenticated
  std::optional<Platform> platform;
  std::optional<Bytes> data;  // the content itself, when embedded; size and digest were checked
};

struct ImageManifest {
  std::string artifact_type;
  Descriptor config;
  std::vector<Descriptor> layers;
  std::optional<Descriptor> subject;
  std::map<std::string, std::string> annotations;
};

struct ImageIndex {
  std::string artifact_type;
  std::vector<Descriptor> manifests;
  std::optional<Descriptor> subject;
  std::map<std::string, std::string> annotations;
};

// The type is decided by the body alone: its own `mediaType`, or its one fitting shape where it
// has none. Refused: both `manifests` and `config`/`layers` (ambiguous), schema 1, other types,
// duplicate keys, descriptors with malformed digests or sizes, counts and nesting over the limits,
// embedded data that does not fit its descriptor.
struct Manifest {
  std::string media_type;
  std::variant<ImageManifest, ImageIndex> content;

  // `expected_type` is what the header or descriptor said, or empty; a disagreement is refused.
  // Errors: format.manifest, digest.malformed, limit.*.
  static Result<Manifest> parse(ByteView bytes, std::string_view expected_type);

  const ImageManifest* image() const { return std::get_if<ImageManifest>(&content); }
  const ImageIndex* index() const { return std::get_if<ImageIndex>(&content); }
  const std::optional<Descriptor>& subject() const;
};

// A list of referrers (referrers API or fallback tag): an index whose entries are kept one by one.
// Entries that are malformed are counted and left out, so that one bad entry hides no good one.
struct ReferrersList {
  std::vector<Descriptor> entries;
  std::size_t malformed = 0;

  // Errors: format.referrers, limit.*.
  static Result<ReferrersList> parse(ByteView bytes);
};

}  // namespace touchstone::formats
