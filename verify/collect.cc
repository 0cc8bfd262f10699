#include "verify/collect.h"

#include <algorithm>
#include <iterator>

#include "base/limits.h"
#include "base/text.h"
#include "formats/dsse.h"
#include "formats/predicate_types.h"
#include "formats/simple_signing.h"
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

// The manifest of a signature, by what it says of itself.
Result<const formats::ImageManifest*> signature_manifest(const FetchedManifest& fetched,
                                                         const Digest& image) {
  const formats::ImageManifest* manifest = fetched.manifest.image();
  if (manifest == nullptr) {
    return Error{Code::format_referrer, "an index where a signature's manifest is wanted", ""};
  }
  if (!manifest->subject || manifest->subject->digest != image) {
    return Error{Code::binding_subject, "listed here, but it names another subject", ""};
  }
  return manifest;
}

// cosign's experiments with OCI 1.1: its legacy forms, as referrers.
bool is_legacy_form(const formats::ImageManifest& manifest) {
  return manifest.artifact_type == formats::media_type::cosign_signature ||
         manifest.config.media_type == formats::media_type::cosign_signature ||
         manifest.artifact_type == formats::in_toto_payload_type;
}

Result<ResolvedImage> pinned_image(oci::Repository& repository, const Digest& digest,
                                   Attached attached) {
  if (attached == Attached::not_wanted) {
    TS_TRY(FetchedManifest manifest, fetch_one(repository, by_digest(digest)));
    return ResolvedImage{digest, std::move(manifest), std::nullopt};
  }
  const auto tagged = attached == Attached::attestations ? oci::Tagged::attestations
                      : attached == Attached::both       ? oci::Tagged::both
                                                         : oci::Tagged::signatures;
  oci::ImageAndReferrers found = repository.image_and_referrers(digest, "", tagged);
  if (!found.image) return found.image.error();
  FetchedManifest manifest = *found.image;
  return ResolvedImage{digest, std::move(manifest), std::move(found)};
}

}  // namespace

bool is_malformed(Code code) {
  return code == Code::format_manifest || code == Code::digest_malformed ||
         code == Code::limit_depth || code == Code::limit_count;
}

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

oci::Tagged tagged_form(const WantedContent& content) {
  return content.kind == WantedContent::Kind::attestation ? oci::Tagged::attestations
         : content.kind == WantedContent::Kind::any       ? oci::Tagged::both
                                                          : oci::Tagged::signatures;
}

Attached attached_form(const WantedContent& content) {
  return content.kind == WantedContent::Kind::attestation ? Attached::attestations
         : content.kind == WantedContent::Kind::any       ? Attached::both
                                                          : Attached::signatures;
}

// A hint that costs a fetch at most. Registries that know no artifact types leave it out, and some
// name the type of the config, which is the empty one for a bundle.
bool CandidateReader::may_be_wanted(const Descriptor& referrer) const {
  const std::string_view type = referrer.artifact_type;
  const oci::Tagged form = tagged_form(content_);
  const bool legacy =
      (type == formats::in_toto_payload_type && form != oci::Tagged::signatures) ||
      (type == formats::media_type::cosign_signature && form != oci::Tagged::attestations);
  return type.empty() || type == formats::media_type::oci_empty || legacy || is_bundle_type(type);
}

// Whether something says of itself that it holds other content than is wanted.
bool CandidateReader::says_other(const std::map<std::string, std::string>& annotations,
                                 std::string_view name) const {
  const auto type = annotations.find(std::string(name));
  if (type == annotations.end() || content_.kind == WantedContent::Kind::any) return false;
  const bool is_signature = type->second == formats::image_signature_predicate;
  if (content_.kind != WantedContent::Kind::attestation) return !is_signature;
  if (content_.predicate_type.empty()) return is_signature;
  return !formats::is_predicate(content_.predicate_type, type->second);
}

bool CandidateReader::holds_wanted(const Descriptor& layer) const {
  const oci::Tagged form = tagged_form(content_);
  return (layer.media_type == formats::media_type::dsse_envelope &&
          form != oci::Tagged::signatures) ||
         (layer.media_type == formats::media_type::simple_signing &&
          form != oci::Tagged::attestations);
}

CandidateReader::CandidateReader(oci::Repository& repository, const Digest& image,
                                 WantedContent wanted, oci::ImageAndReferrers found)
    : repository_(repository), image_(image), content_(std::move(wanted)) {
  // What says that it is something else comes last. The annotation is a hint: nothing is left out.
  std::vector<Wanted> last;
  if (found.referrers) {
    for (Descriptor& referrer : *std::move(found.referrers)) {
      if (!may_be_wanted(referrer)) {
        ++others_;
        continue;
      }
      const bool other = says_other(referrer.annotations, "dev.sigstore.bundle.predicateType");
      (other ? last : wanted_).emplace_back(std::move(referrer));
    }
  } else {
    failures_.push_back({"", found.referrers.error()});
  }
  const oci::Tagged form = tagged_form(content_);
  add_tagged(found.tagged, form, last);
  if (form == oci::Tagged::both) add_tagged(found.also_tagged, oci::Tagged::attestations, last);
  std::ranges::move(last, std::back_inserter(wanted_));
  candidates_ = wanted_.size();
}

void CandidateReader::add_tagged(const Result<std::optional<FetchedManifest>>& tagged,
                                 oci::Tagged form, std::vector<Wanted>& last) {
  if (tagged && !*tagged) return;
  const std::string tag = oci::cosign_tag(image_, form).value_or("");
  if (!tagged) {
    Error error = tagged.error();
    if (is_malformed(error.code) && error.code != Code::limit_count) {
      error.code = Code::format_referrer;
    }
    failures_.push_back({tag, std::move(error), SignatureFormat::cosign});
    return;
  }
  const formats::ImageManifest* manifest = (*tagged)->manifest.image();
  if (manifest == nullptr) {
    failures_.push_back({tag,
                         Error{Code::format_referrer, "an index where signatures are wanted", ""},
                         SignatureFormat::cosign});
    return;
  }
  for (Wanted& layer : signature_layers((*tagged)->digest.to_string(), manifest->layers)) {
    const bool other = content_.kind == WantedContent::Kind::attestation &&
                       says_other(std::get<Claim>(layer).layer.annotations, "predicateType");
    (other ? last : wanted_).push_back(std::move(layer));
  }
}

// Layers of other types are nobody's signatures, and cost no fetch.
std::vector<CandidateReader::Wanted> CandidateReader::signature_layers(
    const std::string& manifest, const std::vector<Descriptor>& layers) {
  std::vector<Wanted> wanted;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!holds_wanted(layers[i])) {
      ++others_;
      continue;
    }
    wanted.emplace_back(
        Claim{manifest + " layer " + std::to_string(i), layers[i], SignatureFormat::cosign});
  }
  return wanted;
}

std::vector<CandidateReader::Item> CandidateReader::next() {
  std::vector<Item> items = std::move(failures_);
  failures_.clear();
  const auto most = [&] { return std::min(wanted_.size(), limits::max_candidates); };
  while (items.empty() && next_ < most()) {
    const std::size_t count = std::min(most() - next_, next_ == 0 ? first_batch : later_batch);
    std::vector<Descriptor> manifests;
    std::vector<Claim> claims;
    for (const Wanted& wanted : std::span(wanted_).subspan(next_, count)) {
      if (const auto* manifest = std::get_if<Descriptor>(&wanted)) manifests.push_back(*manifest);
      if (const auto* claim = std::get_if<Claim>(&wanted)) claims.push_back(*claim);
    }
    next_ += count;
    read_manifests(manifests, claims, items);
    fetch(claims, items);
  }
  if (items.empty() && wanted_.size() > next_) {
    items.push_back({"", Error{Code::limit_candidates,
                               std::to_string(wanted_.size()) + " signatures are attached; " +
                                   std::to_string(next_) + " were looked at",
                               ""}});
    wanted_.erase(wanted_.begin() + static_cast<std::ptrdiff_t>(next_), wanted_.end());
  }
  return items;
}

void CandidateReader::read_manifests(const std::vector<Descriptor>& wanted,
                                     std::vector<Claim>& claims, std::vector<Item>& items) {
  if (wanted.empty()) return;
  const auto manifests = repository_.manifests(wanted);
  std::vector<Wanted> found;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    std::string origin = wanted[i].digest.to_string();
    if (!manifests[i]) {
      Error error = manifests[i].error();
      if (is_malformed(error.code)) error.code = Code::format_referrer;
      items.push_back({std::move(origin), std::move(error)});
      continue;
    }
    const auto manifest = signature_manifest(*manifests[i], image_);
    if (!manifest) {
      items.push_back({std::move(origin), manifest.error()});
    } else if (is_legacy_form(**manifest)) {
      std::ranges::move(signature_layers(origin, (*manifest)->layers), std::back_inserter(found));
    } else if ((*manifest)->layers.size() == 1 &&
               is_bundle_type((*manifest)->layers.front().media_type)) {
      claims.push_back({std::move(origin), (*manifest)->layers.front(), SignatureFormat::sigstore});
    } else {
      items.push_back(
          {std::move(origin),
           Error{Code::format_referrer, "a signature's manifest has one layer, a bundle", ""}});
    }
  }
  wanted_.insert(wanted_.begin() + static_cast<std::ptrdiff_t>(next_), found.begin(), found.end());
}

void CandidateReader::fetch(const std::vector<Claim>& claims, std::vector<Item>& items) {
  std::vector<Descriptor> layers;
  std::vector<std::size_t> places;
  for (const Claim& claim : claims) {
    if (claim.layer.media_type == formats::media_type::simple_signing &&
        claim.layer.size > limits::max_simple_signing_bytes) {
      items.push_back(
          {claim.origin, Error{Code::limit_size, "a payload of over 1 MiB", ""}, claim.format});
      continue;
    }
    bytes_ += claim.layer.size;
    if (bytes_ > limits::max_candidate_total_bytes) {
      items.push_back(
          {claim.origin,
           Error{Code::limit_size, "the signatures attached are larger than 64 MiB in all", ""},
           claim.format});
      next_ = wanted_.size();
      break;
    }
    places.push_back(items.size());
    layers.push_back(claim.layer);
    items.push_back({claim.origin, Candidate{}, claim.format});
  }
  if (layers.empty()) return;
  const auto blobs = repository_.blobs(layers, limits::max_bundle_bytes);
  for (std::size_t i = 0; i < blobs.size(); ++i) {
    Item& item = items[places[i]];
    if (!blobs[i]) {
      item.candidate = blobs[i].error();
    } else if (item.format == SignatureFormat::sigstore) {
      item.candidate = Candidate{item.origin, *blobs[i]};
    } else if (layers[i].media_type == formats::media_type::dsse_envelope) {
      item.candidate = Candidate{item.origin, EnvelopeLayer{layers[i], *blobs[i]}};
    } else {
      item.candidate = Candidate{item.origin, SimpleSigningLayer{layers[i], *blobs[i]}};
    }
  }
}

}  // namespace touchstone::verify
