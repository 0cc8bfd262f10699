// A repository of a registry. See oci/repository.h for what each call promises.
#pragma once

#include "base/url.h"
#include "oci/repository.h"
#include "oci/session.h"

namespace touchstone::oci {

class RegistryRepository : public Repository {
 public:
  RegistryRepository(Session& session, const Reference& reference);

  Place place() const override { return {registry_, repository_}; }
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
  struct Listing {
    std::vector<formats::Descriptor> entries;
    std::size_t malformed = 0;
  };
  // What stands under a tag, or nothing where the tag does not exist.
  Result<std::optional<HttpResponse>> tagged(std::string_view tag, std::string_view what);
  using Change = std::function<Result<std::optional<NewManifest>>(const HttpResponse* there)>;
  Status rewrite(std::string_view tag, const Change& change);

  std::string url(std::string_view path) const;
  HttpRequest manifest_request(std::string_view tag_or_digest) const;
  HttpRequest page_request(std::string address) const;
  std::vector<Result<HttpResponse>> send(std::vector<HttpRequest> requests, bool writes = false);
  Result<HttpResponse> send_one(HttpRequest request, bool writes = false);
  Result<std::optional<Url>> begin_upload(std::string_view query);
  Status finish_upload(const Url& upload, const Digest& digest, HttpRequest body);
  Status upload(ByteSource& source, const Digest& digest, std::optional<Url> begun);
  Result<std::optional<Url>> mount(const IncomingBlob& incoming);
  Result<Listing> list_pages(const Result<HttpResponse>& first, const Digest& image);
  Result<Listing> list_fallback(const Digest& image);
  Result<HttpResponse> put_manifest(std::string_view media_type, ByteView bytes,
                                    std::string_view tag_or_digest);
  Status list_by_tag(const formats::Descriptor& entry, const Digest& subject);

  Session& session_;
  std::string registry_;  // as it is reached
  std::string repository_;
  std::string base_;  // "https://host/v2/name"
};

}  // namespace touchstone::oci
