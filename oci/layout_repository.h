// An image-layout folder. No network.
//
// Spec: OCI Image Layout 1.0.0 (oci-layout, index.json, blobs/). Tags are the entries of index.json
// with the annotation org.opencontainers.image.ref.name. Referrers are the manifests that
// index.json lists and whose `subject` is the image, and those in the index under the image's
// fallback tag, where other tools look for them. What a signer attaches is listed in both.
#pragma once

#include <memory>

#include "oci/editable_index.h"
#include "oci/layout_folder.h"
#include "oci/repository.h"

namespace touchstone::oci {

class LayoutRepository : public Repository {
 public:
  // Errors: image.not-found (no such folder), format.layout.
  static Result<std::unique_ptr<Repository>> open(const std::string& folder);

  // See LayoutFolder::create().
  static Status create(const std::string& folder);

  Place place() const override { return {"", name_}; }

  // "latest" is also the one image without a tag of a layout that has no such tag.
  Result<FetchedManifest> manifest_by_tag(std::string_view tag) override;
  std::vector<Result<std::optional<FetchedManifest>>> manifests_by_tag(
      std::span<const std::string> tags) override;
  std::vector<Result<FetchedManifest>> manifests(
      std::span<const formats::Descriptor> wanted) override;
  using Repository::image_and_referrers;
  ImageAndReferrers image_and_referrers(const Digest& image, std::string_view artifact_type,
                                        Tagged tagged) override;
  std::vector<Result<Bytes>> blobs(std::span<const formats::Descriptor> wanted,
                                   std::uint64_t max_bytes) override;
  Status read_blob(const formats::Descriptor& blob, ByteSink& sink) override;
  Result<std::unique_ptr<ByteSource>> blob_source(const formats::Descriptor& blob) override;
  Result<std::vector<bool>> holds(std::span<const formats::Descriptor> blobs) override;
  Status write_blob(IncomingBlob incoming) override;
  Status push_part(const FetchedManifest& manifest) override;
  Status push_blob(const Digest& digest, ByteView bytes) override;
  Status push_manifest(std::string_view media_type, ByteView bytes, std::string_view tag) override;
  Status attach(const formats::Descriptor& entry, ByteView manifest,
                const Digest& subject) override;
  Status change_tagged(std::string_view tag, const ManifestChange& change) override;

 private:
  struct Referrers {
    std::vector<formats::Descriptor> entries;
    std::size_t unreadable = 0;
  };
  LayoutRepository(LayoutFolder folder, std::string name)
      : folder_(std::move(folder)), name_(std::move(name)) {}
  Status tidy();
  Result<bool> holds_one(const formats::Descriptor& blob);
  Result<formats::ReferrersList> index() const;
  Result<EditableIndex> editable_index() const;
  Status replace_index(const EditableIndex& index) const;
  Result<FetchedManifest> manifest(const formats::Descriptor& wanted) const;
  Result<std::optional<FetchedManifest>> tagged(std::string_view tag) const;
  Result<FetchedManifest> untagged_image(const formats::ReferrersList& list) const;
  Result<Referrers> referrers_of(const Digest& image) const;
  Status list_under_fallback_tag(EditableIndex& index, const formats::Descriptor& entry,
                                 const Digest& subject) const;

  LayoutFolder folder_;
  std::string name_;
  bool tidied_ = false;  // what killed processes left is gone
};

}  // namespace touchstone::oci
