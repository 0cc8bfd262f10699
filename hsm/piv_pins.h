// The PIN, the PUK and the management key of a PIV card.
//
// Each change holds the card, selects the application anew, presents the current secret once, and
// only when it is not blocked, as far as the card tells. New PINs and PUKs have 6 to 8 bytes. A new
// management key says by its length what it is for: 24 bytes stay Triple DES where the card's is,
// and are AES-192 where it is an AES key; 16 are AES-128 and 32 AES-256, from firmware 5.4.2 on.
// One that is put behind the PIN, as Yubico's tools do it, is kept there first and set last; one
// that lies there already stays beside it until then. Whenever the card goes, the PIN leads to the
// key that it has.
#pragma once

#include <memory>

#include "hsm/card_link.h"
#include "hsm/key_manager.h"
#include "hsm/piv_device.h"
#include "hsm/piv_name.h"

namespace touchstone::hsm {

// Errors: device.not-found, device.ambiguous, device.*.
Result<std::unique_ptr<PinManager>> open_piv_pins(std::shared_ptr<CardReaders> readers,
                                                  const PivName& name, OnTouch on_touch);

}  // namespace touchstone::hsm
