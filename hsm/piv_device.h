// A private key on a PIV card: a YubiKey, or another maker's.
//
// Everything that needs no PIN happens in open(): the card is found and must be the only one that
// fits, and its key, policies and tries are known before anybody is asked for a PIN. unlock() only
// takes the PIN. sign() then holds the card for itself, looks again whether it is the same card
// with the same key, presents the PIN where it is due, and signs with no command in between. The
// signature is checked with the public key before it is handed out.
//
// A PIN that was refused is forgotten and never presented again. One that was accepted is presented
// again for each signature of a PIN-always key, after a card was put back, and once when the card
// forgot it before it signed, because another program came between.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "base/key_device.h"
#include "base/result.h"
#include "crypto/public_key.h"
#include "hsm/card_link.h"
#include "hsm/piv_card.h"
#include "hsm/piv_name.h"

namespace touchstone::hsm {

// A finger is needed: told before the card blinks where that is known, else when it keeps us
// waiting, then from another thread.
struct TouchNotice {
  std::string device;         // "YubiKey (serial 12345678)"
  std::size_t signature = 1;  // counted by sign()
};
using OnTouch = std::function<void(const TouchNotice&)>;

// Errors: device.not-found, device.key-not-found, device.ambiguous, device.firmware, device.*.
Result<std::unique_ptr<KeyDevice>> open_piv_key(std::shared_ptr<CardReaders> readers,
                                                const PivName& name, OnTouch on_touch);

// What is known of every key on the cards that fit, and in `notes` what is to be said besides:
// cards without keys, cards that could not be looked at.
struct PivList {
  std::vector<KeyDescription> keys;
  std::vector<std::string> notes;
};
Result<PivList> list_piv_keys(CardReaders& readers, const PivName& name);

// Without a PIN. Errors: as open_piv_key().
Result<crypto::PublicKey> read_piv_public_key(CardReaders& readers, const PivName& name);

// Whether a card that answered "security status not satisfied" (6982) after `elapsed` waited for a
// touch in vain: it gives no other sign.
bool was_touch_timeout(TouchPolicy policy, std::chrono::steady_clock::duration elapsed);

}  // namespace touchstone::hsm
