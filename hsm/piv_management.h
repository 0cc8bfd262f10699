// Which management key a card has, and how it is had: given by the user, the factory's where the
// card says that it still is, or kept on the card behind the PIN (as Yubico's tools do it).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/block_key.h"
#include "hsm/key_manager.h"
#include "hsm/piv_card.h"
#include "hsm/piv_device.h"

namespace touchstone::hsm {

// As far as the card tells.
struct ManagementFacts {
  bool told = false;                          // by metadata, which firmware before 5.3 lacks
  std::optional<crypto::BlockCipher> cipher;  // absent: not told, or none that is known here
  bool factory_value = false;
  TouchPolicy touch = TouchPolicy::unknown;
  bool behind_pin = false;
};

// Errors: device.removed.
Result<ManagementFacts> management_facts(PivCard& card);

// The 24 bytes that every card has from its maker.
Bytes factory_management_key();

// What the user wrote: 32, 48 or 64 hex digits.
// Errors: device.management-key.
Result<Secret> parse_management_key(const Secret& hex);

// The key of a card with these facts; where the card does not tell the cipher, its length does: 24
// bytes are Triple DES.
// Errors: device.management-key (length), device.unsupported (a cipher that is not known here).
Result<crypto::BlockKey> management_key_for(const ManagementFacts& facts, ByteView key);

// The way to the management key of one card. The card is held and freshly selected for each call.
class ManagementAccess {
 public:
  // `given`: the user has the key at hand.
  ManagementAccess(ManagementFacts facts, bool given, OnTouch on_touch)
      : facts_(std::move(facts)), given_(given), on_touch_(std::move(on_touch)) {}

  const ManagementFacts& facts() const { return facts_; }

  Credential needed() const;

  // Presents what needed() says, once, and proves the key that it leads to. A PIN is not kept.
  // Errors: device.management-key, device.pin-wrong, device.pin-locked, device.pin-unusable,
  // device.*.
  Status take(PivCard& card, const Secret& credential);

  // For each change anew. Errors: as above; device.pin-needed, when nothing was taken.
  Status prove(PivCard& card);

  // What take() took: the key itself, in bytes. Empty: nothing.
  const Secret& taken() const { return taken_; }

 private:
  Status take_key(PivCard& card, Secret key);
  Status take_behind_pin(PivCard& card, const Secret& pin);
  Status prove_key(PivCard& card, const crypto::BlockKey& key);

  ManagementFacts facts_;
  bool given_;
  OnTouch on_touch_;
  Secret taken_;
  std::optional<crypto::BlockKey> key_;  // the same: one that the card has taken
};

// Writes `key`, and the one that comes `next` if there is one, to where the card keeps a management
// key behind the PIN, reads them back, and marks the card; none is set. Its PIN was shown, and its
// management key proved, just before. Gives what undo_key_behind_pin() takes.
// Errors: device.unsupported (something else lies there), device.*. The card is not marked then.
Result<Bytes> keep_key_behind_pin(PivCard& card, ByteView key, ByteView next);

// Leaves `key` alone there, where two were kept.
// Errors: device.half-done.
Status leave_key_behind_pin(PivCard& card, ByteView key);

// Marks the card as it was marked before.
// Errors: device.half-done.
Status undo_key_behind_pin(PivCard& card, ByteView before);

// What everybody knows about this card, for people.
std::vector<std::string> factory_warnings(const PivCard& card, const std::optional<PinTries>& pin,
                                          const std::optional<PinTries>& puk,
                                          const ManagementFacts& facts);

}  // namespace touchstone::hsm
