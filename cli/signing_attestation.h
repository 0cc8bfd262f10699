// What its device attests of a key that is about to sign, to be attached to what it signs.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "trust/hardware_vendor.h"

namespace touchstone::cli {

struct SigningAttestation {
  std::vector<crypto::Certificate> chain = {};     // the key's, then the device's; empty: none
  std::vector<trust::HardwareVendor> makers = {};  // known here: built in, or in the store
};

// Reads and judges it by the makers in the store `trust`, as --trust names it, and asks whether it
// may be attached, since it names the device; `yes` is -y.
// One that leads to no maker who is known here gets a warning: those who verify may know one.
// Before anything is signed and any PIN is asked.
// Errors: device.*, hardware.* (one that counts for nobody), trust.*, usage.not-confirmed.
Result<SigningAttestation> read_signing_attestation(const std::string& key,
                                                    const std::string& trust, bool yes,
                                                    const Clock& clock);

// Whether it is of this key, SubjectPublicKeyInfo in DER. An empty one fits, and so does no
// attestation.
// Errors: hardware.other-key.
Status check_signing_attestation(const SigningAttestation& attestation, ByteView public_key);

}  // namespace touchstone::cli
