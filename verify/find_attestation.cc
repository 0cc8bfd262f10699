#include "verify/find_attestation.h"

#include <algorithm>

#include "base/limits.h"
#include "verify/collect.h"

namespace touchstone::verify {
namespace {

using formats::Descriptor;
using Chain = std::vector<crypto::Certificate>;

// The layer with the attestation; absent when the manifest is none that carries one of this image.
std::optional<Descriptor> layer_of(const oci::FetchedManifest& fetched, const Digest& image) {
  const formats::ImageManifest* manifest = fetched.manifest.image();
  if (manifest == nullptr || manifest->artifact_type != key_attestation_type) return {};
  if (!manifest->subject || manifest->subject->digest != image) return {};
  if (manifest->layers.size() != 1) return {};
  const Descriptor& layer = manifest->layers.front();
  if (layer.media_type != key_attestation_layer || layer.size > limits::max_attestation_bytes) {
    return {};
  }
  return layer;
}

// Some registries list no artifact type, or in its place that of the configuration, which is the
// empty one: the manifest tells. Those that are listed as what they are come first.
std::vector<Descriptor> candidates(std::span<const Descriptor> referrers) {
  std::vector<Descriptor> wanted;
  std::vector<Descriptor> perhaps;
  for (const Descriptor& referrer : referrers) {
    const std::string& type = referrer.artifact_type;
    if (type == key_attestation_type) wanted.push_back(referrer);
    if (type.empty() || type == formats::media_type::oci_empty) perhaps.push_back(referrer);
  }
  wanted.insert(wanted.end(), perhaps.begin(), perhaps.end());
  return wanted;
}

class Search {
 public:
  Search(const crypto::PublicKey& key, const Demand& demand, std::chrono::sys_seconds at)
      : key_(key), policy_(demand), at_(at) {}

  // Whether `chain` is all that was asked for.
  bool look_at(const Chain& chain) {
    if (chain.empty()) return false;
    if (const auto same = check_attested_key(chain.front().key(), key_); !same) {
      if (!reason_) reason_ = same.error();
      return false;
    }
    auto judged = judge_attestation(chain, policy_.vendors, at_);
    if (!judged) {
      reason_ = judged.error();
      return false;
    }
    fits_ = static_cast<bool>(policy_.hardware->check(*judged));
    if (fits_ || !found_) found_ = *std::move(judged);
    return fits_;
  }

  Result<AttestedKey> result(const std::optional<Error>& failure) const {
    if (fits_) return *found_;
    if (failure) return *failure;
    if (found_) return *found_;
    if (reason_) return *reason_;
    return Error{Code::hardware_missing,
                 "nothing attests that the key " + key_.fingerprint() + " was made in hardware",
                 ""};
  }

 private:
  const crypto::PublicKey& key_;
  const Demand& policy_;
  std::chrono::sys_seconds at_;
  std::optional<AttestedKey> found_;
  bool fits_ = false;
  std::optional<Error> reason_;
};

}  // namespace

AttachedAttestations fetch_attestations(oci::Repository& repository, const Digest& image,
                                        std::span<const Descriptor> referrers) {
  AttachedAttestations attached;
  const auto note = [&](const Error& error) {
    if (exit_status(error.code) == 3 && !is_malformed(error.code)) attached.failure = error;
  };
  std::vector<Descriptor> wanted = candidates(referrers);
  if (wanted.size() > limits::max_key_attestations) {
    wanted.erase(wanted.begin() + static_cast<std::ptrdiff_t>(limits::max_key_attestations),
                 wanted.end());
    attached.failure = Error{Code::limit_candidates,
                             "more attestations of keys are attached than are looked at", ""};
  }
  if (wanted.empty()) return attached;
  std::vector<Descriptor> layers;
  for (const auto& manifest : repository.manifests(wanted)) {
    if (!manifest) {
      note(manifest.error());
    } else if (const auto layer = layer_of(*manifest, image)) {
      layers.push_back(*layer);
    }
  }
  if (layers.empty()) return attached;
  for (const auto& blob : repository.blobs(layers, limits::max_attestation_bytes)) {
    if (!blob) {
      note(blob.error());
    } else if (auto chain = crypto::read_attestation_file(*blob)) {
      attached.chains.push_back(*std::move(chain));
    }
  }
  return attached;
}

Result<AttestedKey> find_attestation(const TrustedSigner& signer,
                                     const AttachedAttestations& attached, const Demand& demand,
                                     std::chrono::sys_seconds at) {
  Search search(signer.trusted.key, demand, at);
  if (search.look_at(signer.trusted.attestation)) return search.result(std::nullopt);
  for (const Chain& chain : demand.attestations) {
    if (search.look_at(chain)) return search.result(std::nullopt);
  }
  for (const Chain& chain : attached.chains) {
    if (search.look_at(chain)) return search.result(std::nullopt);
  }
  return search.result(attached.failure);
}

}  // namespace touchstone::verify
