#include "cli/shared/trust_loading.h"

#include <algorithm>

#include "trust/folder_store.h"
#include "trust/trust_store.h"

namespace touchstone::cli {

Status add_roots(verify::Policy& policy, const std::string& folder,
                 const std::vector<std::string>& roots, const Clock& clock) {
  trust::FolderStore folder_store(folder, clock);
  trust::TrustStore store(folder_store, clock);
  for (const std::string& name : roots) {
    TS_TRY(const trust::Root root, store.load(name));
    for (const trust::TrustedKey& trusted : root.keys) {
      const bool known = std::ranges::any_of(
          policy.signers,
          [&](const verify::TrustedSigner& signer) { return signer.trusted.key == trusted.key; });
      if (!known) policy.signers.push_back({trusted, "root \"" + name + "\""});
    }
    for (const trust::TrustedCertificate& trusted : root.certificates) {
      const bool known =
          std::ranges::any_of(policy.authorities, [&](const verify::TrustedAuthority& authority) {
            return authority.trusted.certificate == trusted.certificate;
          });
      if (!known) policy.authorities.push_back({trusted, "root \"" + name + "\""});
    }
  }
  return ok();
}

}  // namespace touchstone::cli
