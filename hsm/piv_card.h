// One PIV card: its commands, as far as signing and looking at keys need them. Those that change
// it are in hsm/piv_changes.h.
//
// Spec: NIST SP 800-73-4 part 2, and Yubico's extensions where the card has them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/public_key.h"
#include "hsm/card_link.h"
#include "hsm/piv_data.h"
#include "hsm/piv_name.h"

namespace touchstone::hsm {

// A data object's, without the tag that every one has.
using ObjectId = std::array<std::uint8_t, 3>;
ObjectId certificate_object(std::uint8_t slot);

// A key in a slot, as far as the card tells.
struct SlotKey {
  std::uint8_t slot = 0;
  std::optional<crypto::PublicKey> public_key;  // absent when it is not usable here
  std::string unusable;                         // why; empty when it is usable
  PinPolicy pin = PinPolicy::always;
  TouchPolicy touch = TouchPolicy::unknown;
  SlotMetadata::Origin origin = SlotMetadata::Origin::unknown;
};

// What is tried against a counter.
enum class PinReference : std::uint8_t { pin = 0x80, puk = 0x81 };

struct PinTries {
  unsigned left = 0;
  std::optional<unsigned> in_all;
  bool factory_pin = false;
};

class PivCard {
 public:
  // Selects the PIV application, and asks for version and serial.
  // Errors: device.not-found (no PIV application), device.removed, device.failed.
  static Result<PivCard> open(std::unique_ptr<CardLink> link, std::string reader);

  const std::string& reader() const { return reader_; }
  bool is_yubikey() const { return firmware_.has_value(); }
  const std::optional<Firmware>& firmware() const { return firmware_; }
  const std::optional<std::uint32_t>& serial() const { return serial_; }  // never 0

  // For people: "YubiKey (serial 12345678)".
  std::string name() const;
  // What --key takes for this slot.
  PivName key_name(std::uint8_t slot) const;

  // Selects the PIV application anew, which forgets an accepted PIN.
  // Errors: device.not-found, device.removed.
  Status select();

  // The serial as the card tells it now. Absent when it tells none by one command.
  Result<std::optional<std::uint32_t>> ask_serial();

  // Tries left, without using one. Absent when the card does not tell: of the PUK it may not.
  Result<std::optional<PinTries>> tries(PinReference reference = PinReference::pin);

  // The key in a slot: from metadata, else attestation, else the certificate, which proves nothing.
  // Absent when the slot is empty, or tells none of them.
  Result<std::optional<SlotKey>> key(std::uint8_t slot);

  // The public key by metadata alone, which firmware before 5.3 does not have. Absent then.
  Result<std::optional<Bytes>> public_key_now(std::uint8_t slot);

  // What metadata tells of a key. Absent when there is none, or it is malformed.
  Result<std::optional<SlotMetadata>> metadata(std::uint8_t slot);

  // Absent where it is not told, or malformed.
  Result<std::optional<ManagementMetadata>> management_metadata();

  // A data object, `53` included. Absent when there is none, or it is empty.
  Result<std::optional<Bytes>> object(const ObjectId& id);

  // Absent when there is none.
  // Errors: device.failed (malformed), device.removed.
  Result<std::optional<StoredCertificate>> certificate(std::uint8_t slot);

  // DER of the attestation. Absent when the card gives none: an imported key, an empty slot.
  Result<std::optional<Bytes>> attestation(std::uint8_t slot);

  // Presents the PIN, once: 6 to 8 bytes. From here on the card is reset at the end.
  // Errors: device.pin-unusable (its length; nothing was sent), device.pin-wrong,
  // device.pin-locked, device.*.
  Status verify(const Secret& pin);

  // One GENERAL AUTHENTICATE. The status tells the rest.
  // Errors: device.removed, device.failed.
  Result<CardAnswer> authenticate(std::uint8_t slot, std::uint8_t algorithm, ByteView input);

  // Null after disconnect().
  CardLink* link() { return link_.get(); }
  void disconnect() { link_.reset(); }

 private:
  PivCard(std::unique_ptr<CardLink> link, std::string reader)
      : link_(std::move(link)), reader_(std::move(reader)) {}
  Status ask_version_and_serial();
  Status ask_old_serial();
  Result<std::optional<SlotKey>> key_from_certificates(std::uint8_t slot);

  std::unique_ptr<CardLink> link_;
  std::string reader_;
  std::optional<Firmware> firmware_;
  std::optional<std::uint32_t> serial_;
};

// "6a80", for messages.
std::string status_text(std::uint16_t status);

// How many tries a refusal leaves: "63cN", or 0 for "6983". Absent for any other status.
std::optional<unsigned> tries_in(std::uint16_t status);

}  // namespace touchstone::hsm
