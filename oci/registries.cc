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

std::optional<std::string> signatures_tag(const Digest& image) {
  if (image.algorithm() != Digest::Algorithm::sha256) return std::nullopt;
  return fallback_tag(image) + ".sig";
}

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
