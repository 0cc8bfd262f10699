// An image-layout folder. No network.
//
// Spec: OCI Image Layout 1.0.0 (oci-layout, index.json, blobs/). Tags are the entries of index.json
// with the annotation org.opencontainers.image.ref.name. Referrers are the manifests that
// index.json lists and whose `subject` is the image. Refused: a missing or unknown layout version,
// links and anything but regular files inside the folder, content that is not what its name says.
#pragma once

#include "base/files.h"
#include "formats/json.h"
#include "oci/repository.h"

namespace touchstone::oci {

class LayoutRepository : public Repository {
 public:
  // Errors: image.not-found (no such folder), format.layout.
  static Result<std::unique_ptr<Repository>> open(const std::string& folder);

  Result<FetchedManifest> manifest_by_tag(std::string_view tag) override;
  std::vector<Result<FetchedManifest>> manifests(
      std::span<const formats::Descriptor> wanted) override;
  ImageAndReferrers image_and_referrers(const Digest& image,
                                        std::string_view artifact_type) override;
  std::vector<Result<Bytes>> blobs(std::span<const formats::Descriptor> wanted,
                                   std::uint64_t max_bytes) override;
  Status push_blob(const Digest& digest, ByteView bytes) override;
  Status push_manifest(std::string_view media_type, ByteView bytes, std::string_view tag) override;
  Status attach(const formats::Descriptor& entry, ByteView manifest,
                const Digest& subject) override;

 private:
  explicit LayoutRepository(std::string folder, touchstone::Descriptor fd)
      : folder_(std::move(folder)), fd_(std::move(fd)) {}
  Result<formats::ReferrersList> index() const;
  Result<Bytes> content(const Digest& digest, std::uint64_t max_bytes) const;
  Result<FetchedManifest> manifest(const formats::Descriptor& wanted) const;
  Status add_to_index(const formats::Descriptor& entry, std::string_view tag);

  std::string folder_;
  touchstone::Descriptor fd_;
};

}  // namespace touchstone::oci
