#include "oci/layout_repository.h"

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "oci/blob_stream.h"
#include "oci/fallback_index.h"

namespace touchstone::oci {
namespace {

using formats::ReferrersList;

Error layout_error(std::string_view why) {
  return Error{Code::format_layout, "image layout: " + std::string(why), ""};
}

std::string_view tag_of(const formats::Descriptor& entry) {
  const auto found = entry.annotations.find(std::string(tag_annotation));
  return found == entry.annotations.end() ? std::string_view() : found->second;
}

// What only looks at the bytes that pass.
class NoSink : public ByteSink {
 public:
  Status begin() override { return ok(); }
  Status write(ByteView) override { return ok(); }
};

}  // namespace

Result<std::unique_ptr<Repository>> LayoutRepository::open(const std::string& path) {
  TS_TRY(LayoutFolder folder, LayoutFolder::open(path));
  return std::unique_ptr<Repository>(new LayoutRepository(std::move(folder), path));
}

Status LayoutRepository::create(const std::string& path) { return LayoutFolder::create(path); }

Result<ReferrersList> LayoutRepository::index() const {
  TS_TRY(const Bytes bytes, folder_.index());
  auto list = ReferrersList::parse(bytes);
  if (!list) return in_context(std::move(list).error(), Code::format_layout, "index.json");
  return list;
}

Result<FetchedManifest> LayoutRepository::manifest(const formats::Descriptor& wanted) const {
  Bytes bytes;
  if (wanted.data) {
    bytes = *wanted.data;
  } else {
    TS_TRY(bytes, folder_.blob(wanted.digest, limits::max_manifest_bytes));
  }
  if (wanted.size != 0 && wanted.size != bytes.size()) {
    return Error{Code::format_manifest, "a descriptor says another size than the manifest has", ""};
  }
  TS_TRY(formats::Manifest parsed, formats::Manifest::parse(bytes, wanted.media_type));
  return FetchedManifest{wanted.digest, std::move(bytes), std::move(parsed)};
}

Result<FetchedManifest> LayoutRepository::manifest_by_tag(std::string_view tag) {
  TS_TRY(auto found, tagged(tag));
  if (found) return *std::move(found);
  if (tag == "latest") {
    TS_TRY(const ReferrersList list, index());
    return untagged_image(list);
  }
  return Error{Code::image_not_found, "the layout has no tag \"" + printable(tag) + "\"", ""};
}

Result<std::optional<FetchedManifest>> LayoutRepository::tagged(std::string_view tag) const {
  TS_TRY(const ReferrersList list, index());
  const formats::Descriptor* found = nullptr;
  for (const formats::Descriptor& entry : list.entries) {
    if (tag.empty() || tag_of(entry) != tag) continue;
    if (found != nullptr && found->digest != entry.digest) {
      return layout_error("the tag \"" + printable(tag) + "\" stands there twice");
    }
    found = &entry;
  }
  if (found == nullptr) return std::optional<FetchedManifest>();
  TS_TRY(FetchedManifest fetched, manifest(*found));
  return std::optional<FetchedManifest>(std::move(fetched));
}

// Not counted: what refers to another manifest, and what another entry lists as its platform.
Result<FetchedManifest> LayoutRepository::untagged_image(const ReferrersList& list) const {
  std::vector<FetchedManifest> images;
  std::set<Digest> children;
  for (const formats::Descriptor& entry : list.entries) {
    if (!tag_of(entry).empty()) continue;
    TS_TRY(FetchedManifest fetched, manifest(entry));
    if (fetched.manifest.subject()) continue;
    if (const auto* listed = fetched.manifest.index()) {
      for (const formats::Descriptor& child : listed->manifests) children.insert(child.digest);
    }
    images.push_back(std::move(fetched));
  }
  std::erase_if(images,
                [&](const FetchedManifest& image) { return children.contains(image.digest); });
  if (images.size() == 1) return std::move(images.front());
  return Error{Code::image_not_found,
               "the layout has no tag \"latest\" and " + std::to_string(images.size()) +
                   " images without a tag",
               ""};
}

std::vector<Result<std::optional<FetchedManifest>>> LayoutRepository::manifests_by_tag(
    std::span<const std::string> tags) {
  std::vector<Result<std::optional<FetchedManifest>>> found;
  for (const std::string& tag : tags) found.push_back(tagged(tag));
  return found;
}

std::vector<Result<FetchedManifest>> LayoutRepository::manifests(
    std::span<const formats::Descriptor> wanted) {
  std::vector<Result<FetchedManifest>> fetched;
  for (const formats::Descriptor& descriptor : wanted) fetched.push_back(manifest(descriptor));
  return fetched;
}

ImageAndReferrers LayoutRepository::image_and_referrers(const Digest& image,
                                                        std::string_view artifact_type,
                                                        Tagged wanted) {
  auto found = manifest({"", image, 0, "", {}, {}, {}});
  if (!found) return {found, found.error(), ""};
  const auto under = [&](Tagged form) -> Result<std::optional<FetchedManifest>> {
    const auto tag = cosign_tag(image, form);
    return tag ? tagged(*tag) : std::optional<FetchedManifest>();
  };
  auto first = under(wanted);
  auto second =
      wanted == Tagged::both ? under(Tagged::attestations) : std::optional<FetchedManifest>();
  auto referrers = referrers_of(image);
  if (!referrers) {
    return {std::move(found), std::move(referrers).error(), "", std::move(first),
            std::move(second)};
  }
  std::string notice;
  if (referrers->unreadable > 0) {
    notice = std::to_string(referrers->unreadable) + " unreadable entries in index.json";
  }
  tidy_referrers(referrers->entries, artifact_type);
  return {std::move(found), std::move(referrers->entries), std::move(notice), std::move(first),
          std::move(second)};
}

Result<LayoutRepository::Referrers> LayoutRepository::referrers_of(const Digest& image) const {
  TS_TRY(const ReferrersList list, index());
  Referrers referrers{{}, list.malformed};
  std::uint64_t total = 0;
  for (const formats::Descriptor& entry : list.entries) {
    if (entry.digest == image) continue;
    if (tag_of(entry) == fallback_tag(image)) {
      TS_TRY(const Bytes bytes, folder_.blob(entry.digest, limits::max_referrers_page_bytes));
      TS_TRY(const ReferrersList fallback, ReferrersList::parse(bytes));
      referrers.unreadable += fallback.malformed;
      referrers.entries.insert(referrers.entries.end(), fallback.entries.begin(),
                               fallback.entries.end());
      continue;
    }
    const auto fetched = manifest(entry);
    if (!fetched) {
      ++referrers.unreadable;
      continue;
    }
    total += fetched->bytes.size();
    if (total > limits::max_candidate_total_bytes) {
      return Error{Code::limit_size, "the manifests that index.json lists are too large", ""};
    }
    if (fetched->manifest.subject() && fetched->manifest.subject()->digest == image) {
      referrers.entries.push_back(fetched->as_referrer());
    }
  }
  return referrers;
}

std::vector<Result<Bytes>> LayoutRepository::blobs(std::span<const formats::Descriptor> wanted,
                                                   std::uint64_t max_bytes) {
  std::vector<Result<Bytes>> fetched;
  for (const formats::Descriptor& descriptor : wanted) {
    auto bytes = descriptor.data ? Result<Bytes>(*descriptor.data)
                                 : folder_.blob(descriptor.digest, max_bytes);
    if (bytes && bytes->size() > max_bytes) {
      bytes = Error{Code::limit_size, "a blob of over " + std::to_string(max_bytes) + " bytes", ""};
    } else if (bytes && bytes->size() != descriptor.size) {
      bytes = Error{Code::digest_mismatch, "a blob has another size than its descriptor says", ""};
    }
    fetched.push_back(std::move(bytes));
  }
  return fetched;
}

Result<EditableIndex> LayoutRepository::editable_index() const {
  TS_TRY(const Bytes bytes, folder_.index());
  auto index = EditableIndex::parse(bytes);
  if (!index) return in_context(std::move(index).error(), Code::format_layout, "index.json");
  return index;
}

Status LayoutRepository::replace_index(const EditableIndex& index) const {
  TS_TRY(const std::string text, index.text());
  return folder_.replace_index(as_bytes(text));
}

Result<std::unique_ptr<ByteSource>> LayoutRepository::blob_source(const formats::Descriptor& blob) {
  TS_TRY(touchstone::Descriptor file, folder_.blob_file(blob.digest));
  return FileSource::open(blob, std::move(file));
}

Status LayoutRepository::read_blob(const formats::Descriptor& blob, ByteSink& sink) {
  TS_TRY(const auto source, blob_source(blob));
  return pour(*source, sink);
}

Result<bool> LayoutRepository::holds_one(const formats::Descriptor& blob) {
  NoSink nothing;
  const auto read = read_blob(blob, nothing);
  if (read) return true;
  const Code code = read.error().code;
  if (code == Code::image_not_found || code == Code::digest_mismatch) return false;
  return read.error();
}

Result<std::vector<bool>> LayoutRepository::holds(std::span<const formats::Descriptor> blobs) {
  std::vector<bool> there;
  for (const formats::Descriptor& blob : blobs) {
    TS_TRY(const bool held, holds_one(blob));
    there.push_back(held);
  }
  return there;
}

Status LayoutRepository::tidy() {
  if (!tidied_) TS_CHECK(folder_.remove_abandoned());
  tidied_ = true;
  return ok();
}

Status LayoutRepository::write_blob(IncomingBlob incoming) {
  TS_CHECK(tidy());
  TS_TRY(auto file, folder_.new_blob(incoming.blob.digest));
  FileSink sink(file.fd());
  TS_CHECK(incoming.read(sink));
  return file.put_into_place();
}

Status LayoutRepository::push_part(const FetchedManifest& manifest) {
  TS_CHECK(tidy());
  return folder_.write_blob(manifest.digest, manifest.bytes);
}

Status LayoutRepository::push_blob(const Digest& digest, ByteView bytes) {
  return folder_.write_blob(digest, bytes);
}

// An image without a tag is listed too, or nobody would find it; its platforms need not be.
Status LayoutRepository::push_manifest(std::string_view media_type, ByteView bytes,
                                       std::string_view tag) {
  TS_TRY(const formats::Manifest parsed, formats::Manifest::parse(bytes, media_type));
  const formats::Descriptor entry{
      std::string(media_type), crypto::digest_of(bytes), bytes.size(), "", {}, {}, {}};
  TS_CHECK(folder_.write_blob(entry.digest, bytes));
  TS_TRY(const auto lock, folder_.lock());
  TS_TRY(EditableIndex index, editable_index());
  if (const auto* listed = parsed.index()) {
    std::set<std::string> children;
    for (const formats::Descriptor& child : listed->manifests) {
      children.insert(child.digest.to_string());
    }
    index.remove_untagged(children);
  }
  if (tag.empty()) {
    index.add(entry);
  } else {
    index.tag(entry, tag);
  }
  return replace_index(index);
}

Status LayoutRepository::attach(const formats::Descriptor& entry, ByteView bytes,
                                const Digest& subject) {
  TS_CHECK(folder_.write_blob(entry.digest, bytes));
  TS_TRY(const auto lock, folder_.lock());
  TS_TRY(EditableIndex index, editable_index());
  TS_CHECK(list_under_fallback_tag(index, entry, subject));
  index.add(entry);
  return replace_index(index);
}

Status LayoutRepository::change_tagged(std::string_view tag, const ManifestChange& change) {
  TS_TRY(const auto lock, folder_.lock());
  TS_TRY(const auto there, tagged(tag));
  TS_TRY(const auto changed, change(there ? &*there : nullptr));
  if (!changed) return ok();
  const Digest digest = crypto::digest_of(as_bytes(changed->text));
  TS_CHECK(folder_.write_blob(digest, as_bytes(changed->text)));
  TS_TRY(EditableIndex index, editable_index());
  index.remove_tagged(tag);
  index.tag({changed->media_type, digest, changed->text.size(), "", {}, {}, {}}, tag);
  return replace_index(index);
}

Status LayoutRepository::list_under_fallback_tag(EditableIndex& index,
                                                 const formats::Descriptor& entry,
                                                 const Digest& subject) const {
  const std::string tag = fallback_tag(subject);
  TS_TRY(const ReferrersList list, this->index());
  const auto there = std::ranges::find(list.entries, tag, tag_of);
  std::optional<Bytes> before;
  if (there != list.entries.end()) {
    TS_TRY(before, folder_.blob(there->digest, limits::max_referrers_page_bytes));
  }
  TS_TRY(const auto changed, with_entry(before, entry));
  if (!changed) return ok();
  const Digest digest = crypto::digest_of(as_bytes(*changed));
  TS_CHECK(folder_.write_blob(digest, as_bytes(*changed)));
  index.remove_tagged(tag);
  index.tag({std::string(formats::media_type::oci_index), digest, changed->size(), "", {}, {}, {}},
            tag);
  return ok();
}

}  // namespace touchstone::oci
