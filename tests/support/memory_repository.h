// A repository in memory, for tests of what is made of its content: images, signatures attached to
// them, and things that cannot be had.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "crypto/hash.h"
#include "oci/repository.h"

namespace touchstone::test {

class MemoryRepository : public oci::Repository {
 public:
  std::map<std::string, Bytes> content;                           // by digest
  std::map<std::string, std::string> tags;                        // to digests
  std::map<std::string, std::vector<formats::Descriptor>> lists;  // referrers, by digest
  std::map<std::string, Error> failures;                          // of fetching, by digest
  std::optional<Error> list_failure;
  std::optional<Error> tag_failure;  // of cosign's tag
  std::vector<std::string> log;      // what was written, in order
  std::size_t fetched = 0;           // manifests and blobs
  std::size_t lists_asked = 0;
  bool gone_when_listed = false;  // the image, as soon as its referrers are asked for

  static formats::Descriptor describe(std::string_view media_type, ByteView bytes) {
    return {std::string(media_type), crypto::digest_of(bytes), bytes.size(), "", {}, {}, {}};
  }

  formats::Descriptor put(std::string_view media_type, std::string_view text) {
    formats::Descriptor made = describe(media_type, as_bytes(text));
    content[made.digest.to_string()] = to_bytes(text);
    return made;
  }

  // An image of its own for each `name`.
  formats::Descriptor put_image(const std::string& name) {
    return put(formats::media_type::oci_manifest, manifest_text("", name, {}, nullptr));
  }

  // A bundle attached to `image`; what is listed.
  formats::Descriptor attach_bundle(const formats::Descriptor& image, std::string_view bundle,
                                    std::size_t layers = 1,
                                    std::string_view type = formats::media_type::bundle_v03) {
    const formats::Descriptor layer = put(type, bundle);
    formats::Descriptor entry = put(formats::media_type::oci_manifest,
                                    manifest_text(type, "", std::vector(layers, layer), &image));
    entry.artifact_type = type;
    lists[image.digest.to_string()].push_back(entry);
    return entry;
  }

  static std::string json(const formats::Descriptor& d) {
    return R"({"mediaType":")" + d.media_type + R"(","digest":")" + d.digest.to_string() +
           R"(","size":)" + std::to_string(d.size) + "}";
  }

  static std::string manifest_text(std::string_view artifact_type, const std::string& name,
                                   const std::vector<formats::Descriptor>& layers,
                                   const formats::Descriptor* subject) {
    const auto config = describe(formats::media_type::oci_empty, as_bytes("{}"));
    std::string text = R"({"schemaVersion":2,"mediaType":")" +
                       std::string(formats::media_type::oci_manifest) + R"(","config":)" +
                       json(config) + R"(,"layers":[)";
    for (const auto& layer : layers) text += (text.ends_with('[') ? "" : ",") + json(layer);
    text += "]";
    if (!artifact_type.empty()) text += R"(,"artifactType":")" + std::string(artifact_type) + "\"";
    if (subject != nullptr) text += R"(,"subject":)" + json(*subject);
    return text + R"(,"annotations":{"name":")" + name + "\"}}";
  }

  oci::Place place() const override { return {"", "memory"}; }

  Result<oci::FetchedManifest> manifest_by_tag(std::string_view tag) override {
    const auto found = tags.find(std::string(tag));
    if (found == tags.end()) return Error{Code::image_not_found, "no such tag", ""};
    return manifest(*Digest::parse(found->second));
  }

  std::vector<Result<std::optional<oci::FetchedManifest>>> manifests_by_tag(
      std::span<const std::string> wanted) override {
    std::vector<Result<std::optional<oci::FetchedManifest>>> all;
    for (const std::string& tag : wanted) all.push_back(tagged(tag));
    return all;
  }

  std::vector<Result<oci::FetchedManifest>> manifests(
      std::span<const formats::Descriptor> wanted) override {
    std::vector<Result<oci::FetchedManifest>> all;
    for (const auto& descriptor : wanted) all.push_back(manifest(descriptor.digest));
    return all;
  }

  using oci::Repository::image_and_referrers;
  oci::ImageAndReferrers image_and_referrers(const Digest& image, std::string_view,
                                             oci::Tagged wanted) override {
    ++lists_asked;
    if (gone_when_listed) content.erase(image.to_string());
    auto found = manifest(image);
    auto first = tagged(oci::cosign_tag(image, wanted).value_or(""));
    auto second = wanted == oci::Tagged::both
                      ? tagged(*oci::cosign_tag(image, oci::Tagged::attestations))
                      : std::optional<oci::FetchedManifest>();
    if (list_failure) {
      return {std::move(found), *list_failure, "", std::move(first), std::move(second)};
    }
    return {std::move(found), lists[image.to_string()], "", std::move(first), std::move(second)};
  }

  std::vector<Result<Bytes>> blobs(std::span<const formats::Descriptor> wanted,
                                   std::uint64_t) override {
    std::vector<Result<Bytes>> all;
    for (const auto& descriptor : wanted) all.push_back(bytes(descriptor.digest));
    return all;
  }

  Status read_blob(const formats::Descriptor& blob, ByteSink& sink) override {
    TS_TRY(const Bytes found, bytes(blob.digest));
    TS_CHECK(sink.begin());
    return sink.write(found);
  }
  Result<std::unique_ptr<ByteSource>> blob_source(const formats::Descriptor&) override {
    return std::unique_ptr<ByteSource>();
  }
  Result<std::vector<bool>> holds(std::span<const formats::Descriptor> blobs) override {
    std::vector<bool> all;
    for (const auto& blob : blobs) all.push_back(content.contains(blob.digest.to_string()));
    return all;
  }
  Status write_blob(oci::IncomingBlob) override {
    return Error{Code::internal_error, "nobody copies into memory", ""};
  }
  Status push_part(const oci::FetchedManifest& part) override {
    return push("manifest " + part.digest.to_string(), part.digest, part.bytes);
  }

  Status push_blob(const Digest& digest, ByteView blob) override {
    return push("blob " + digest.to_string(), digest, blob);
  }
  Status push_manifest(std::string_view, ByteView text, std::string_view) override {
    const Digest digest = crypto::digest_of(text);
    return push("manifest " + digest.to_string(), digest, text);
  }
  Status attach(const formats::Descriptor& entry, ByteView text, const Digest& subject) override {
    TS_CHECK(push("attach to " + subject.to_string(), entry.digest, text));
    lists[subject.to_string()].push_back(entry);
    return ok();
  }
  Status change_tagged(std::string_view tag, const ManifestChange& change) override {
    while (true) {
      const auto there = tags.find(std::string(tag));
      std::optional<oci::FetchedManifest> before;
      if (there != tags.end()) {
        TS_TRY(before, manifest(*Digest::parse(there->second)));
      }
      TS_TRY(const auto changed, change(before ? &*before : nullptr));
      if (!changed) return ok();
      const Digest digest = crypto::digest_of(as_bytes(changed->text));
      TS_CHECK(push("tag " + std::string(tag), digest, as_bytes(changed->text)));
      tags[std::string(tag)] = digest.to_string();
    }
  }

 private:
  Result<std::optional<oci::FetchedManifest>> tagged(const std::string& tag) {
    if (tag_failure) return *tag_failure;
    const auto there = tags.find(tag);
    if (there == tags.end()) return std::optional<oci::FetchedManifest>();
    TS_TRY(oci::FetchedManifest found, manifest(*Digest::parse(there->second)));
    return std::optional<oci::FetchedManifest>(std::move(found));
  }

  Status push(std::string what, const Digest& digest, ByteView text) {
    if (const auto failure = failures.find(digest.to_string()); failure != failures.end()) {
      return failure->second;
    }
    log.push_back(std::move(what));
    content[digest.to_string()] = Bytes(text.begin(), text.end());
    return ok();
  }

  Result<Bytes> bytes(const Digest& digest) {
    ++fetched;
    if (const auto failure = failures.find(digest.to_string()); failure != failures.end()) {
      return failure->second;
    }
    const auto found = content.find(digest.to_string());
    if (found == content.end()) return Error{Code::image_not_found, "not there", ""};
    return found->second;
  }

  Result<oci::FetchedManifest> manifest(const Digest& digest) {
    TS_TRY(Bytes text, bytes(digest));
    TS_TRY(formats::Manifest parsed, formats::Manifest::parse(text, ""));
    return oci::FetchedManifest{digest, std::move(text), std::move(parsed)};
  }
};

}  // namespace touchstone::test
