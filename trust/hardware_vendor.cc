#include "trust/hardware_vendor.h"

#include "trust/built_in.h"

namespace touchstone::trust {

Result<HardwareVendor> HardwareVendor::yubico() {
  HardwareVendor vendor{"yubico", "Yubico", {}};
  TS_TRY(vendor.anchors, crypto::Certificate::from_file(as_bytes(yubico_piv)));
  TS_TRY(vendor.elsewhere, crypto::Certificate::from_file(as_bytes(yubico_other_applications)));
  vendor.issues_devices_alone = true;
  return vendor;
}

Status check_hardware_authority(const crypto::Certificate& certificate) {
  if (certificate.is_authority() && certificate.may_issue()) return ok();
  return Error{Code::policy_hardware_authority,
               "the certificate of \"" + certificate.subject() + "\" is that of no authority", ""};
}

}  // namespace touchstone::trust
