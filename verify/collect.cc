#include "verify/collect.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "formats/statement.h"

namespace touchstone::verify {
namespace {

using formats::Descriptor;
using oci::FetchedManifest;

// The first batch is small, because the common image has one signature; the later ones are large,
// because then there are many.
constexpr std::size_t first_batch = 4;
constexpr std::size_t later_batch = 32;

bool is_bundle_type(std::string_view media_type) {
  return media_type.starts_with("application/vnd.dev.sigstore.bundle");
}

// A hint that costs a fetch at most. Registries that know no artifact types leave it out, and some
// name the type of the config, which is the empty one for a bundle.
bool may_be_signature(std::string_view artifact_type) {
  return artifact_type.empty() || artifact_type == formats::media_type::oci_empty ||
         is_bundle_type(artifact_type);
}

// What a signature's manifest says wrongly: it was looked at and does not count. All else means
// that it could not be looked at.
bool is_malformed(Code code) {
  return code == Code::format_manifest || code == Code::digest_malformed ||
         code == Code::limit_depth || code == Code::limit_count;
}

Descriptor by_digest(const Digest& digest) {
  return Descriptor{.media_type = "",
                    .digest = digest,
                    .size = 0,  // unknown
                    .artifact_type = "",
                    .annotations = {},
                    .platform = std::nullopt,
                    .data = std::nullopt};
}

Result<FetchedManifest> fetch_one(oci::Repository& repository, const Descriptor& descriptor) {
  return std::move(repository.manifests(std::span(&descriptor, 1)).front());
}

// The layer of a signature's manifest that holds the bundle.
Result<Descriptor> bundle_layer(const FetchedManifest& fetched, const Digest& image) {
  const formats::ImageManifest* manifest = fetched.manifest.image();
  if (manifest == nullptr) {
    return Error{Code::format_referrer, "an index where a signature's manifest is wanted", ""};
  }
  if (!manifest->subject || manifest->subject->digest != image) {
    return Error{Code::binding_subject, "listed here, but it names another subject", ""};
  }
  const auto layer = std::ranges::find_if(
      manifest->layers, [](const Descriptor& d) { return is_bundle_type(d.media_type); });
  if (layer == manifest->layers.end() || manifest->layers.size() != 1) {
    return Error{Code::format_referrer, "a signature's manifest has one layer, a bundle", ""};
  }
  return *layer;
}

Result<ResolvedImage> pinned_image(oci::Repository& repository, const Digest& digest,
                                   Attached attached) {
  if (attached == Attached::not_wanted) {
    TS_TRY(FetchedManifest manifest, fetch_one(repository, by_digest(digest)));
    return ResolvedImage{digest, std::move(manifest), std::nullopt};
  }
  oci::ImageAndReferrers found = repository.image_and_referrers(digest, "");
  if (!found.image) return found.image.error();
  FetchedManifest manifest = *found.image;
  return ResolvedImage{digest, std::move(manifest), std::move(found)};
}

}  // namespace

Result<Descriptor> pick_platform(const formats::ImageIndex& index,
                                 const formats::Platform& platform) {
  const Descriptor* picked = nullptr;
  std::vector<std::string> offered;
  for (const Descriptor& entry : index.manifests) {
    if (!entry.platform) continue;
    offered.push_back(printable(entry.platform->to_string()));
    const bool any_variant = platform.variant.empty() && entry.platform->os == platform.os &&
                             entry.platform->architecture == platform.architecture;
    if (*entry.platform != platform && !any_variant) continue;
    if (picked != nullptr && picked->digest != entry.digest) {
      return Error{Code::reference_platform,
                   "the index holds several images for " + platform.to_string(),
                   "name the variant, or give the image's own digest"};
    }
    picked = &entry;
  }
  if (picked == nullptr) {
    return Error{Code::reference_platform,
                 "the index holds no image for " + platform.to_string() + "; it has " +
                     (offered.empty() ? "none" : join(offered, ", ")),
                 ""};
  }
  return *picked;
}

Result<ResolvedImage> resolve(oci::Repository& repository, const Reference& reference,
                              const std::optional<formats::Platform>& platform, Attached attached) {
  if (reference.digest() && !platform)
    return pinned_image(repository, *reference.digest(), attached);
  auto top = reference.digest() ? fetch_one(repository, by_digest(*reference.digest()))
                                : repository.manifest_by_tag(reference.tag().value_or("latest"));
  if (!top) return std::move(top).error();
  if (!platform) return ResolvedImage{top->digest, *std::move(top), std::nullopt};

  const formats::ImageIndex* index = top->manifest.index();
  if (index == nullptr) {
    return Error{Code::reference_platform,
                 "\"" + reference.to_string() + "\" is one image, not an index of platforms",
                 "leave --platform out"};
  }
  TS_TRY(const Descriptor child, pick_platform(*index, *platform));
  return pinned_image(repository, child.digest, attached);
}

CandidateReader::CandidateReader(oci::Repository& repository, const Digest& image,
                                 std::vector<Descriptor> referrers)
    : repository_(repository), image_(image) {
  // What says that it is something else comes last. The annotation is a hint: nothing is left out.
  std::vector<Descriptor> last;
  for (Descriptor& referrer : referrers) {
    if (!may_be_signature(referrer.artifact_type)) {
      ++others_;
      continue;
    }
    const auto type = referrer.annotations.find("dev.sigstore.bundle.predicateType");
    const bool other =
        type != referrer.annotations.end() && type->second != formats::image_signature_predicate;
    (other ? last : candidates_).push_back(std::move(referrer));
  }
  candidates_.insert(candidates_.end(), last.begin(), last.end());
}

std::vector<CandidateReader::Item> CandidateReader::next() {
  std::vector<Item> items;
  const std::size_t most = std::min(candidates_.size(), limits::max_candidates);
  if (next_ >= most) {
    if (next_ == limits::max_candidates && candidates_.size() > next_) {
      items.push_back({"", Error{Code::limit_candidates,
                                 std::to_string(candidates_.size()) + " signatures are attached; " +
                                     std::to_string(most) + " were looked at",
                                 ""}});
      candidates_.erase(candidates_.begin() + static_cast<std::ptrdiff_t>(next_),
                        candidates_.end());
    }
    return items;
  }
  const std::size_t count = std::min(most - next_, next_ == 0 ? first_batch : later_batch);
  const std::span<const Descriptor> batch(candidates_.data() + next_, count);
  next_ += count;

  const auto manifests = repository_.manifests(batch);
  std::vector<Descriptor> layers;
  std::vector<std::size_t> layer_items;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    std::string origin = batch[i].digest.to_string();
    if (!manifests[i]) {
      Error error = manifests[i].error();
      if (is_malformed(error.code)) error.code = Code::format_referrer;
      items.push_back({std::move(origin), std::move(error)});
      continue;
    }
    auto layer = bundle_layer(*manifests[i], image_);
    if (!layer) {
      items.push_back({std::move(origin), layer.error()});
      continue;
    }
    bytes_ += layer->size;
    if (bytes_ > limits::max_candidate_total_bytes) {
      items.push_back({std::move(origin), Error{Code::limit_size,
                                                "the signatures attached are larger than 64 MiB "
                                                "in all",
                                                ""}});
      next_ = candidates_.size();
      break;
    }
    layer_items.push_back(items.size());
    layers.push_back(*std::move(layer));
    items.push_back({std::move(origin), Candidate{}});
  }
  const auto blobs = repository_.blobs(layers, limits::max_bundle_bytes);
  for (std::size_t i = 0; i < blobs.size(); ++i) {
    Item& item = items[layer_items[i]];
    if (blobs[i]) {
      item.candidate = Candidate{item.origin, *blobs[i]};
    } else {
      item.candidate = blobs[i].error();
    }
  }
  return items;
}

}  // namespace touchstone::verify
