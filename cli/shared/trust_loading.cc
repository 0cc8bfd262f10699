#include "cli/shared/trust_loading.h"

#include <algorithm>

#include "trust/built_in.h"
#include "trust/folder_store.h"
#include "trust/trust_store.h"

namespace touchstone::cli {

Status add_roots(verify::Demand& demand, const std::string& folder,
                 const std::vector<std::string>& roots, const Clock& clock) {
  trust::FolderStore folder_store(folder, clock);
  trust::TrustStore store(folder_store, clock);
  for (const std::string& name : roots) {
    if (const auto built_in = trust::built_in_root(name)) {
      TS_TRY(auto root, trust::read_built_in(*built_in));
      demand.instances.push_back(
          {std::make_shared<formats::TrustedRoot>(std::move(root)), "root \"" + name + "\""});
      continue;
    }
    TS_TRY(const trust::Root root, store.load(name));
    if (!root.hardware.empty()) {
      return Error{Code::policy_root_kind,
                   "root \"" + name + "\" holds authorities above attestations, and no signers",
                   "--require-hardware=vendor=" + name + " makes its attestations count"};
    }
    for (const trust::TrustedKey& trusted : root.keys) {
      const bool known = std::ranges::any_of(
          demand.signers,
          [&](const verify::TrustedSigner& signer) { return signer.trusted.key == trusted.key; });
      if (!known) demand.signers.push_back({trusted, "root \"" + name + "\""});
    }
    for (const trust::TrustedCertificate& trusted : root.certificates) {
      const bool known =
          std::ranges::any_of(demand.authorities, [&](const verify::TrustedAuthority& authority) {
            return authority.trusted.certificate == trusted.certificate;
          });
      if (!known) demand.authorities.push_back({trusted, "root \"" + name + "\""});
    }
    for (const trust::TrustedInstanceRoot& trusted : root.instances) {
      demand.instances.push_back({trusted.root, "root \"" + name + "\""});
    }
  }
  return ok();
}

Result<std::vector<trust::HardwareVendor>> demanded_vendors(const verify::HardwareDemand& demand,
                                                            const std::string& folder,
                                                            const Clock& clock) {
  trust::FolderStore folder_store(folder, clock);
  trust::TrustStore store(folder_store, clock);
  std::vector<trust::HardwareVendor> vendors;
  if (demand.vendors.empty()) {
    TS_TRY(vendors.emplace_back(), trust::HardwareVendor::yubico());
  }
  for (const std::string& name : demand.vendors) {
    if (name == "yubico") {
      TS_TRY(vendors.emplace_back(), trust::HardwareVendor::yubico());
      continue;
    }
    TS_TRY(const trust::Root root, store.load(name));
    TS_TRY(vendors.emplace_back(), trust::HardwareVendor::of(root, clock.now()));
  }
  return vendors;
}

Result<std::vector<trust::HardwareVendor>> known_vendors(trust::TrustStore& store,
                                                         const Clock& clock) {
  std::vector<trust::HardwareVendor> vendors;
  TS_TRY(vendors.emplace_back(), trust::HardwareVendor::yubico());
  TS_TRY(const auto names, store.list());
  for (const std::string& name : names) {
    TS_TRY(const trust::Root root, store.load(name));
    if (root.hardware.empty()) continue;
    TS_TRY(vendors.emplace_back(), trust::HardwareVendor::of(root, clock.now()));
  }
  return vendors;
}

}  // namespace touchstone::cli
