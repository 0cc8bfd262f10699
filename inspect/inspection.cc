#include "inspect/inspection.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/limits.h"
#include "formats/simple_signing.h"

namespace touchstone::inspect {
namespace {

using formats::Descriptor;
using oci::FetchedManifest;

constexpr std::string_view notary_type = "application/vnd.cncf.notary.signature";
constexpr std::array<std::string_view, 3> suffixes = {".sig", ".att", ".sbom"};
constexpr std::array<std::string_view, 3> sbom_words = {"spdx", "cyclonedx", "syft"};
constexpr std::size_t batch = 32;

// What a manifest says wrongly, or that it is not there, can be shown. All else means that nobody
// knows what there is.
bool can_be_shown(Code code) {
  return code == Code::format_manifest || code == Code::digest_malformed ||
         code == Code::digest_mismatch || code == Code::image_not_found ||
         code == Code::limit_depth || code == Code::limit_count || code == Code::limit_size;
}

bool is_sbom_type(std::string_view type) {
  return std::ranges::any_of(sbom_words, [&](auto word) { return type.contains(word); });
}

Attached::Kind kind_of(const Attached& attached) {
  using Kind = Attached::Kind;
  if (attached.tag.ends_with(".sbom")) return Kind::sbom;
  if (attached.manifest.artifact_type == notary_type) return Kind::notary_signature;
  for (const Content& content : attached.contents) {
    switch (content_kind(content.layer.media_type)) {
      case ContentKind::bundle:
        return Kind::sigstore_bundle;
      case ContentKind::simple_signing:
        return Kind::cosign_signature;
      case ContentKind::envelope:
        return Kind::cosign_attestation;
      case ContentKind::other:
        break;
    }
  }
  if (content_kind(attached.manifest.artifact_type) == ContentKind::bundle) {
    return Kind::sigstore_bundle;
  }
  if (attached.tag.ends_with(".sig")) return Kind::cosign_signature;
  if (attached.tag.ends_with(".att")) return Kind::cosign_attestation;
  const bool sbom = is_sbom_type(attached.manifest.artifact_type) ||
                    std::ranges::any_of(attached.contents, [](const Content& content) {
                      return is_sbom_type(content.layer.media_type);
                    });
  return sbom ? Kind::sbom : Kind::other;
}

// BuildKit: an entry of the index that describes another one.
const std::string* described_image(const Descriptor& entry) {
  const auto type = entry.annotations.find("vnd.docker.reference.type");
  const auto digest = entry.annotations.find("vnd.docker.reference.digest");
  const bool attestation =
      type != entry.annotations.end() && type->second == "attestation-manifest";
  return attestation && digest != entry.annotations.end() ? &digest->second : nullptr;
}

Descriptor by_digest(const Digest& digest) { return {"", digest, 0, "", {}, {}, {}}; }

class Looker {
 public:
  explicit Looker(oci::Repository& repository) : repository_(repository) {}

  Result<Inspection> look(const FetchedManifest& image) {
    TS_CHECK(add_manifest(image.descriptor(), image, 0));
    return std::move(inspection_);
  }

 private:
  Status count() {
    if (++counted_ <= limits::max_copied_manifests) return ok();
    return Error{Code::limit_count, "too much is attached to the image", ""};
  }

  // `entry` is how the index lists it.
  Status add_manifest(const Descriptor& entry, const Result<FetchedManifest>& fetched,
                      std::size_t depth) {
    if (!seen_.insert(entry.digest).second) return ok();
    TS_CHECK(count());
    Manifest manifest{entry, false, {}, {}, {}};
    if (!fetched) {
      if (!can_be_shown(fetched.error().code)) return fetched.error();
      manifest.faults.push_back(fetched.error());
      inspection_.manifests.push_back(std::move(manifest));
      return ok();
    }
    manifest.manifest.media_type = fetched->manifest.media_type;
    manifest.manifest.size = fetched->bytes.size();
    const formats::ImageIndex* index = fetched->manifest.index();
    manifest.is_index = index != nullptr;
    TS_TRY(manifest.attached, attached_to(entry.digest, 0, &manifest.notices));
    const bool too_deep = index != nullptr && depth == limits::max_index_depth;
    if (too_deep) {
      manifest.faults.push_back(Error{Code::limit_depth, "indexes are nested too deep", ""});
    }
    inspection_.manifests.push_back(std::move(manifest));
    if (index == nullptr || too_deep) return ok();
    return add_children(*index, depth + 1);
  }

  Status add_children(const formats::ImageIndex& index, std::size_t depth) {
    std::vector<Descriptor> images;
    std::vector<Descriptor> describing;
    for (const Descriptor& entry : index.manifests) {
      (described_image(entry) != nullptr ? describing : images).push_back(entry);
    }
    const auto fetched = repository_.manifests(images);
    for (std::size_t i = 0; i < images.size(); ++i) {
      TS_CHECK(add_manifest(images[i], fetched[i], depth));
    }
    const auto attestations = repository_.manifests(describing);
    for (std::size_t i = 0; i < describing.size(); ++i) {
      TS_CHECK(add_build_attestation(describing[i], attestations[i], depth));
    }
    return ok();
  }

  // Shown with the image that it claims to describe, or else as one of the images.
  Status add_build_attestation(const Descriptor& entry, const Result<FetchedManifest>& fetched,
                               std::size_t depth) {
    const auto described =
        std::ranges::find_if(inspection_.manifests, [&](const Manifest& manifest) {
          return manifest.manifest.digest.to_string() == *described_image(entry);
        });
    if (described == inspection_.manifests.end()) return add_manifest(entry, fetched, depth);
    if (!seen_.insert(entry.digest).second) return ok();
    Attached attached{Attached::Kind::build_attestation, "", entry, true, {}, {}, {}};
    if (fetched) {
      add_contents(attached, *fetched);
    } else if (can_be_shown(fetched.error().code)) {
      attached.faults.push_back(fetched.error());
    } else {
      return fetched.error();
    }
    TS_TRY(attached.attached, attached_to(entry.digest, 1, nullptr));
    described->attached.push_back(std::move(attached));
    return count();
  }

  Result<std::vector<Attached>> attached_to(const Digest& subject, std::size_t depth,
                                            std::vector<std::string>* notices) {
    std::vector<Attached> found;
    if (depth > limits::max_attachment_depth) return found;
    const oci::ImageAndReferrers listed = repository_.image_and_referrers(subject, "");
    if (!listed.referrers) return listed.referrers.error();
    if (notices != nullptr && !listed.notice.empty()) notices->push_back(listed.notice);
    std::span<const Descriptor> left = *listed.referrers;
    while (!left.empty()) {
      const auto some = left.first(std::min(left.size(), batch));
      left = left.subspan(some.size());
      const auto manifests = repository_.manifests(some);
      for (std::size_t i = 0; i < some.size(); ++i) {
        TS_CHECK(add_referrer(some[i], manifests[i], subject, found));
      }
    }
    TS_CHECK(add_tagged(subject, found));
    read_contents(subject, found);
    for (Attached& attached : found) {
      if (attached.kind != Attached::Kind::build_attestation) attached.kind = kind_of(attached);
      if (!attached.faults.empty()) continue;
      if (!expanded_.insert(attached.manifest.digest).second) continue;  // a list that lies
      TS_TRY(attached.attached, attached_to(attached.manifest.digest, depth + 1, nullptr));
    }
    return found;
  }

  Status add_referrer(const Descriptor& entry, const Result<FetchedManifest>& fetched,
                      const Digest& subject, std::vector<Attached>& found) {
    TS_CHECK(count());
    Attached attached{Attached::Kind::other, "", entry, true, {}, {}, {}};
    if (!fetched) {
      attached.faults.push_back(fetched.error());
      found.push_back(std::move(attached));
      return ok();
    }
    attached.manifest = fetched->as_referrer();
    const auto& named = fetched->manifest.subject();
    if (!named || named->digest != subject) {
      attached.faults.push_back(
          Error{Code::binding_subject, "listed here, but it names another subject", ""});
    }
    add_contents(attached, *fetched);
    found.push_back(std::move(attached));
    return ok();
  }

  Status add_tagged(const Digest& subject, std::vector<Attached>& found) {
    std::vector<std::string> tags;
    for (const std::string_view suffix : suffixes) {
      if (auto tag = oci::cosign_tag(subject, suffix)) tags.push_back(*std::move(tag));
    }
    const auto manifests = repository_.manifests_by_tag(tags);
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (manifests[i] && !*manifests[i]) continue;
      TS_CHECK(count());
      Attached attached{Attached::Kind::other, tags[i], by_digest(subject), true, {}, {}, {}};
      if (manifests[i]) {
        attached.manifest = (*manifests[i])->as_referrer();
        add_contents(attached, **manifests[i]);
      } else if (can_be_shown(manifests[i].error().code)) {
        attached.has_digest = false;
        attached.faults.push_back(manifests[i].error());
      } else {
        return manifests[i].error();
      }
      found.push_back(std::move(attached));
    }
    return ok();
  }

  static void add_contents(Attached& attached, const FetchedManifest& fetched) {
    const auto* image = fetched.manifest.image();
    const auto& layers = image != nullptr ? image->layers : fetched.manifest.index()->manifests;
    for (const Descriptor& layer : layers) {
      attached.contents.push_back({layer, std::nullopt, std::nullopt});
    }
  }

  void read_contents(const Digest& subject, std::vector<Attached>& found) {
    std::vector<Descriptor> wanted;
    std::vector<Content*> places;
    for (Attached& attached : found) {
      for (Content& content : attached.contents) {
        if (content_kind(content.layer.media_type) == ContentKind::other) continue;
        if (content.layer.size > limits::max_bundle_bytes ||
            content.layer.size > limits::max_candidate_total_bytes - bytes_) {
          content.fault = Error{Code::limit_size, "too large to be looked at", ""};
          continue;
        }
        bytes_ += content.layer.size;
        wanted.push_back(content.layer);
        places.push_back(&content);
      }
    }
    const auto blobs = repository_.blobs(wanted, limits::max_bundle_bytes);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (blobs[i]) {
        places[i]->claims = read_claims(wanted[i], *blobs[i], subject);
      } else {
        places[i]->fault = blobs[i].error();
      }
    }
  }

  oci::Repository& repository_;
  Inspection inspection_;
  std::set<Digest> seen_;      // manifests of the image
  std::set<Digest> expanded_;  // attached, whose own were looked for
  std::size_t counted_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

Result<Inspection> inspect(oci::Repository& repository, const FetchedManifest& image) {
  return Looker(repository).look(image);
}

}  // namespace touchstone::inspect
