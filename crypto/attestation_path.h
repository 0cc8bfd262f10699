// From a device's attestation of a key to its maker.
//
// Spec: RFC 5280 section 6, by hand: makers' certificates leave out what OpenSSL's strict checks
// ask for (key identifiers, key usage, basic constraints marked critical).
#pragma once

#include <chrono>
#include <span>

#include "crypto/certificate_chain.h"

namespace touchstone::crypto {

// The certificates of a maker, below which attestations count.
struct AttestationAnchors {
  std::span<const Certificate> certificates;
  // Each device's certificate directly below one is believed to be that of an attesting key, even
  // where it does not say that it is an authority: YubiKeys 4 do not. For a maker who issues
  // nothing else there.
  bool issue_devices_alone = false;
};

// The path from the attestation `chain.front()`, made by the device `chain[1]`, over others of
// `chain` to an anchor. A device whose certificate is an anchor itself may be left out of `chain`.
//
// Each certificate is issued by the next: by name, letter for letter, and by signature, SHA-1 not
// counted; the next is an authority, with keyCertSign if it has a key usage, and as many as its
// path length allows are below it; it attests no key itself. All are valid at `at` (closed
// intervals) and have no critical extension that is unknown.
// Errors: hardware.signature, hardware.untrusted, hardware.path, hardware.time.
Result<CertificatePath> find_attestation_path(std::span<const Certificate> chain,
                                              const AttestationAnchors& anchors,
                                              std::chrono::sys_seconds at);

}  // namespace touchstone::crypto
