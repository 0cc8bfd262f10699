// Makers of key devices whose attestations count.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/attestation_path.h"
#include "trust/trust_store.h"

namespace touchstone::trust {

struct HardwareVendor {
  std::string name;    // as vendor= names it: "yubico", or the name of a root in the store
  std::string source;  // for people: "Yubico", "root \"shop-hsm\""
  std::vector<crypto::Certificate> anchors;
  // Authorities of the maker that count for nothing: below them are other kinds of keys.
  std::vector<crypto::Certificate> elsewhere = {};
  bool issues_devices_alone = false;  // as crypto::AttestationAnchors has it

  // A root of the store of kind `hardware`, as far as its entries count at `at`.
  // Errors: policy.root-kind.
  static Result<HardwareVendor> of(const Root& root, std::chrono::sys_seconds at);

  // Yubico, by the roots that come with the program.
  static Result<HardwareVendor> yubico();
};

// Whether a certificate may be an anchor: that of an authority, with keyCertSign if it has a key
// usage. Errors: policy.hardware-authority.
Status check_hardware_authority(const crypto::Certificate& certificate);

}  // namespace touchstone::trust
