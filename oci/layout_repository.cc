#include "oci/layout_repository.h"

#include <fcntl.h>
#include <sys/file.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "formats/json_fields.h"
#include "oci/fallback_index.h"

namespace touchstone::oci {
namespace {

constexpr std::string_view tag_annotation = "org.opencontainers.image.ref.name";
constexpr std::uint64_t max_version_bytes = 4096;

Error layout_error(std::string_view why) {
  return Error{Code::format_layout, "image layout: " + std::string(why), ""};
}

std::string blob_path(const Digest& digest) {
  return "blobs/" + std::string(digest.algorithm_name()) + "/" + digest.hex();
}

}  // namespace

Result<std::unique_ptr<Repository>> LayoutRepository::open(const std::string& folder) {
  touchstone::Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) {
    return Error{Code::image_not_found,
                 "\"" + printable(folder) + "\": " + system_message(errno), ""};
  }
  const auto bytes = read_file_at(fd.get(), "oci-layout", max_version_bytes, Links::refuse);
  if (!bytes) return layout_error(bytes.error().message);
  const auto document = formats::parse_json(*bytes, max_version_bytes);
  if (!document) return layout_error("oci-layout: " + document.error().message);
  const auto fields = formats::Fields::of(*document);
  const auto version = fields ? fields->string("imageLayoutVersion")
                              : Result<std::string>(fields.error());
  if (!version || *version != "1.0.0") return layout_error("oci-layout names no known version");
  return std::unique_ptr<Repository>(new LayoutRepository(folder, std::move(fd)));
}

Result<formats::ReferrersList> LayoutRepository::index() const {
  const auto bytes =
      read_file_at(fd_.get(), "index.json", limits::max_manifest_bytes, Links::refuse);
  if (!bytes) return layout_error(bytes.error().message);
  auto list = formats::ReferrersList::parse(*bytes);
  if (!list) return in_context(std::move(list).error(), Code::format_layout, "index.json");
  return list;
}

// Hashes what was read, so a file that is swapped later changes nothing.
Result<Bytes> LayoutRepository::content(const Digest& digest, std::uint64_t max_bytes) const {
  auto bytes = read_file_at(fd_.get(), blob_path(digest), max_bytes, Links::refuse);
  if (!bytes) {
    const bool absent = faccessat(fd_.get(), blob_path(digest).c_str(), F_OK,
                                  AT_SYMLINK_NOFOLLOW) != 0;
    if (bytes.error().code == Code::limit_size) return std::move(bytes).error();
    return absent ? Error{Code::image_not_found, "the layout does not hold " + digest.to_string(), ""}
                  : layout_error(bytes.error().message);
  }
  if (crypto::digest_of(*bytes, digest.algorithm()) != digest) {
    return Error{Code::digest_mismatch, "the layout's file is not " + digest.to_string(), ""};
  }
  return bytes;
}

Result<FetchedManifest> LayoutRepository::manifest(const formats::Descriptor& wanted) const {
  Bytes bytes;
  if (wanted.data) {
    bytes = *wanted.data;
  } else {
    TS_TRY(bytes, content(wanted.digest, limits::max_manifest_bytes));
  }
  if (wanted.size != 0 && wanted.size != bytes.size()) {
    return Error{Code::format_manifest, "a descriptor says another size than the manifest has", ""};
  }
  TS_TRY(formats::Manifest parsed, formats::Manifest::parse(bytes, wanted.media_type));
  return FetchedManifest{wanted.digest, std::move(bytes), std::move(parsed)};
}

Result<FetchedManifest> LayoutRepository::manifest_by_tag(std::string_view tag) {
  TS_TRY(const formats::ReferrersList list, index());
  const formats::Descriptor* found = nullptr;
  for (const formats::Descriptor& entry : list.entries) {
    const auto name = entry.annotations.find(std::string(tag_annotation));
    if (name == entry.annotations.end() || name->second != tag) continue;
    if (found != nullptr && found->digest != entry.digest) {
      return layout_error("the tag \"" + printable(tag) + "\" stands there twice");
    }
    found = &entry;
  }
  // A layout with one image and no tags is that image, as other tools write it.
  if (found == nullptr && tag == "latest" && list.entries.size() == 1 &&
      !list.entries.front().annotations.contains(std::string(tag_annotation))) {
    found = &list.entries.front();
  }
  if (found == nullptr) {
    return Error{Code::image_not_found, "the layout has no tag \"" + printable(tag) + "\"", ""};
  }
  return manifest(*found);
}

std::vector<Result<FetchedManifest>> LayoutRepository::manifests(
    std::span<const formats::Descriptor> wanted) {
  std::vector<Result<FetchedManifest>> fetched;
  for (const formats::Descriptor& descriptor : wanted) fetched.push_back(manifest(descriptor));
  return fetched;
}

ImageAndReferrers LayoutRepository::image_and_referrers(const Digest& image,
                                                        std::string_view artifact_type) {
  auto found = manifest({"", image, 0, "", {}, {}, {}});
  if (!found) return {found, found.error(), ""};
  const auto list = index();
  if (!list) return {std::move(found), list.error(), ""};
  std::vector<formats::Descriptor> referrers;
  for (const formats::Descriptor& entry : list->entries) {
    if (entry.digest == image) continue;
    const auto fetched = manifest(entry);
    // What is no manifest, or is not there, refers to nothing.
    if (!fetched || !fetched->manifest.subject()) continue;
    if (fetched->manifest.subject()->digest != image) continue;
    formats::Descriptor referrer = entry;
    if (referrer.artifact_type.empty() && fetched->manifest.image() != nullptr) {
      referrer.artifact_type = fetched->manifest.image()->artifact_type;
    }
    const bool wanted = artifact_type.empty() || referrer.artifact_type.empty() ||
                        referrer.artifact_type == artifact_type;
    if (wanted) referrers.push_back(std::move(referrer));
  }
  return {std::move(found), std::move(referrers), ""};
}

std::vector<Result<Bytes>> LayoutRepository::blobs(std::span<const formats::Descriptor> wanted,
                                                   std::uint64_t max_bytes) {
  std::vector<Result<Bytes>> fetched;
  for (const formats::Descriptor& descriptor : wanted) {
    if (descriptor.data) {
      fetched.emplace_back(*descriptor.data);
      continue;
    }
    auto bytes = content(descriptor.digest, max_bytes);
    if (bytes && bytes->size() != descriptor.size) {
      bytes = Error{Code::digest_mismatch, "a blob has another size than its descriptor says", ""};
    }
    fetched.push_back(std::move(bytes));
  }
  return fetched;
}

Status LayoutRepository::push_blob(const Digest& digest, ByteView bytes) {
  mkdirat(fd_.get(), "blobs", 0755);
  const std::string folder = "blobs/" + std::string(digest.algorithm_name());
  mkdirat(fd_.get(), folder.c_str(), 0755);
  if (content(digest, limits::max_bundle_bytes)) return ok();
  return replace_file(folder_ + "/" + blob_path(digest), bytes, 0644);
}

Status LayoutRepository::push_manifest(std::string_view media_type, ByteView bytes,
                                       std::string_view tag) {
  const Digest digest = crypto::digest_of(bytes);
  TS_CHECK(push_blob(digest, bytes));
  if (tag.empty()) return ok();
  return add_to_index({std::string(media_type), digest, bytes.size(), "", {}, {}, {}}, tag);
}

Status LayoutRepository::attach(const formats::Descriptor& entry, ByteView manifest_bytes,
                                const Digest&) {
  TS_CHECK(push_blob(entry.digest, manifest_bytes));
  return add_to_index(entry, "");
}

Status LayoutRepository::add_to_index(const formats::Descriptor& entry, std::string_view tag) {
  const touchstone::Descriptor lock(openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock || flock(lock.get(), LOCK_EX) != 0) return layout_error(system_message(errno));
  const auto bytes =
      read_file_at(fd_.get(), "index.json", limits::max_manifest_bytes, Links::refuse);
  if (!bytes) return layout_error(bytes.error().message);
  formats::Descriptor listed = entry;
  if (!tag.empty()) listed.annotations[std::string(tag_annotation)] = std::string(tag);
  auto changed = with_entry(*bytes, listed);
  if (!changed) return in_context(std::move(changed).error(), Code::format_layout, "index.json");
  if (!*changed) return ok();
  return replace_file(folder_ + "/index.json", as_bytes(**changed), 0644);
}

}  // namespace touchstone::oci
