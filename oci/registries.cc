#include "oci/fallback_index.h"
#include "oci/layout_repository.h"
#include "oci/registry_repository.h"

namespace touchstone::oci {

struct Registries::State {
  Session session;
};

formats::Descriptor FetchedManifest::descriptor() const {
  return {manifest.media_type, digest, bytes.size(), "", {}, {}, {}};
}

// OCI Distribution Spec, "Listing Referrers": without an artifact type of its own, an image
// manifest goes by the media type of its configuration.
formats::Descriptor FetchedManifest::as_referrer() const {
  formats::Descriptor entry = descriptor();
  if (const auto* image = manifest.image()) {
    entry.artifact_type =
        image->artifact_type.empty() ? image->config.media_type : image->artifact_type;
    entry.annotations = image->annotations;
  } else {
    entry.artifact_type = manifest.index()->artifact_type;
    entry.annotations = manifest.index()->annotations;
  }
  return entry;
}

std::optional<std::string> cosign_tag(const Digest& image, std::string_view suffix) {
  if (image.algorithm() != Digest::Algorithm::sha256) return std::nullopt;
  return fallback_tag(image) + std::string(suffix);
}

std::optional<std::string> cosign_tag(const Digest& image, Tagged tagged) {
  return cosign_tag(image, tagged == Tagged::attestations ? ".att" : ".sig");
}

std::optional<std::string> signatures_tag(const Digest& image) { return cosign_tag(image, ".sig"); }

Registries::Registries(HttpClient& http, const Clock& clock, Access access)
    : state_(std::make_unique<State>(State{Session(http, clock, std::move(access))})) {}

Registries::~Registries() = default;

Result<std::unique_ptr<Repository>> Registries::open(const Reference& reference) {
  if (reference.is_layout()) return LayoutRepository::open(reference.folder());
  return std::unique_ptr<Repository>(
      std::make_unique<RegistryRepository>(state_->session, reference));
}

Result<bool> Registries::check_login(const std::string& registry) {
  return state_->session.check_login(registry);
}

void Registries::set_deadline(std::chrono::steady_clock::time_point deadline) {
  state_->session.set_deadline(deadline);
}

}  // namespace touchstone::oci
