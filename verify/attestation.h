// Whether a device of a maker who counts attests that it made a key, and with which properties.
//
// What it proves: the key was made in the device and does not leave it. What it does not: who holds
// the device, that it was not reported lost (makers publish no such lists), that it is used today.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crypto/key_attestation.h"
#include "formats/json.h"
#include "trust/hardware_vendor.h"

namespace touchstone::verify {

// An attestation that holds.
struct AttestedKey {
  crypto::PublicKey key;
  crypto::KeyAttestation facts;
  std::string vendor;                   // HardwareVendor::name
  std::string source;                   // HardwareVendor::source
  std::chrono::sys_seconds not_before;  // all certificates are valid from here
  std::chrono::sys_seconds not_after;   // until here, included

  // What is known against such devices, for people; no full stop.
  std::vector<std::string> warnings() const;
};

// Judges an attestation: the key's certificate first, then the device's, then any above, all valid
// at `at`, under one of `vendors`.
// Errors: as crypto::read_key_attestation() and crypto::find_attestation_path(); hardware.branch,
// hardware.weak (CVE-2017-15361), hardware.origin.
Result<AttestedKey> judge_attestation(std::span<const crypto::Certificate> chain,
                                      std::span<const trust::HardwareVendor> vendors,
                                      std::chrono::sys_seconds at);

// Whether it is of this key, letter for letter. Errors: hardware.other-key.
Status check_attested_key(const crypto::PublicKey& attested, const crypto::PublicKey& key);

// What is asked of the hardware besides that the key was made there.
struct HardwareDemand {
  bool touch = false;  // for each signature, or some seconds
  bool pin = false;
  bool fips = false;
  std::optional<Firmware> firmware = {};    // at least
  std::vector<std::uint32_t> serials = {};  // one of these, where there are any
  std::vector<std::string> vendors = {};    // one of these; empty: those that are built in

  // "touch,pin,fips,firmware>=5.7.0,serial=12345678,vendor=yubico": any of these, serials and
  // vendors more than once. Empty for none.
  // Errors: policy.hardware.
  static Result<HardwareDemand> parse(std::string_view text);

  std::string describe() const;  // the text that parse() takes

  // Errors: hardware.touch, hardware.pin, hardware.fips, hardware.firmware, hardware.serial,
  // hardware.untrusted (another vendor).
  Status check(const AttestedKey& key) const;

  bool operator==(const HardwareDemand&) const = default;
};

// One fact a line: "device:      YubiKey (serial 12345678), USB-A keychain".
std::vector<std::string> describe(const AttestedKey& key);
formats::Json to_json(const AttestedKey& key);

// In one line: "YubiKey (serial 12345678), firmware 5.7.1, touch always, PIN once, by Yubico".
std::string summary(const AttestedKey& key);

}  // namespace touchstone::verify
