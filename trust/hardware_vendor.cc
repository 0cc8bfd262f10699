#include "trust/hardware_vendor.h"

#include "trust/built_in.h"

namespace touchstone::trust {

Result<HardwareVendor> HardwareVendor::yubico() {
  HardwareVendor vendor{"yubico", "Yubico", {}};
  TS_TRY(vendor.anchors, crypto::Certificate::from_file(as_bytes(yubico_piv)));
  TS_TRY(const auto hsm, crypto::Certificate::from_file(as_bytes(yubico_yubihsm)));
  vendor.anchors.insert(vendor.anchors.end(), hsm.begin(), hsm.end());
  TS_TRY(vendor.elsewhere, crypto::Certificate::from_file(as_bytes(yubico_other_applications)));
  vendor.issues_devices_alone = true;
  return vendor;
}

Result<HardwareVendor> HardwareVendor::of(const Root& root, std::chrono::sys_seconds at) {
  if (root.hardware.empty()) {
    return Error{Code::policy_root_kind,
                 "root \"" + root.name + "\" holds no authorities above attestations",
                 "`touchstone trust add NAME --hardware-ca FILE` makes one that does"};
  }
  HardwareVendor vendor{root.name, "root \"" + root.name + "\"", {}};
  for (const TrustedHardware& entry : root.hardware) {
    const bool counts = (!entry.not_before || *entry.not_before <= at) &&
                        (!entry.not_after || at <= *entry.not_after);
    if (counts) vendor.anchors.push_back(entry.certificate);
  }
  return vendor;
}

Status check_hardware_authority(const crypto::Certificate& certificate) {
  if (certificate.is_authority() && certificate.may_issue()) return ok();
  return Error{Code::policy_hardware_authority,
               "the certificate of \"" + certificate.subject() + "\" is that of no authority", ""};
}

}  // namespace touchstone::trust
