// What makers of key devices write into the certificates by which a device attests that it made a
// key. Only what is said is read here; whether it is so: attestation_path.h.
//
// Spec: Yubico's PIV attestation (arc 1.3.6.1.4.1.41482.3) and YubiHSM 2 attestation (arc .4). Of
// other arcs (OpenPGP .5, FIDO .13) nothing is read: they are about other keys of the device.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/firmware.h"
#include "base/key_device.h"
#include "crypto/certificate.h"

namespace touchstone::crypto {

struct KeyAttestation {
  enum class Device : std::uint8_t { yubikey, yubihsm };

  Device device = Device::yubikey;
  Firmware firmware;
  std::optional<std::uint32_t> serial;       // YubiKeys before firmware 4.3.3 tell none
  std::string place;                         // for people: "slot 9c", "object 0x0102 \"release\""
  PinPolicy pin = PinPolicy::unspecified;    // a YubiHSM knows neither this
  TouchPolicy touch = TouchPolicy::unknown;  // nor this
  bool biometric = false;                    // a finger's print counts as the PIN
  std::optional<std::uint8_t> form_factor;   // as the device tells it
  bool fips = false;                         // says the device's own certificate
  bool made_inside = true;                   // and not brought in
  bool can_leave = false;

  friend bool operator==(const KeyAttestation&, const KeyAttestation&) = default;

  std::string device_name() const;       // "YubiKey"
  std::string form_factor_text() const;  // "USB-A keychain"; empty where none is told
};

// What `key` says, the certificate that a device made for its key, and what `device` adds, the
// certificate of the device's own key that made it.
// Refused: a certificate that is neither kind or both, one of an authority, a firmware version,
// serial number, policy or origin that is missing or malformed, another subject than those devices
// write, policies that are unknown.
// Errors: hardware.malformed.
Result<KeyAttestation> read_key_attestation(const Certificate& key, const Certificate& device);

// Whether the certificate says of itself that it attests a key.
bool attests_key(const Certificate& certificate);

// A file with an attestation: PEM, the key's certificate first, then the device's, then any above.
// Errors: hardware.malformed, hardware.weak (one of their keys).
Result<std::vector<Certificate>> read_attestation_file(ByteView contents);
std::string attestation_pem(std::span<const Certificate> certificates);

}  // namespace touchstone::crypto
