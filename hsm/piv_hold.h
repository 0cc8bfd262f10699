// A card for ourselves, for commands that belong together.
#pragma once

#include "base/result.h"
#include "hsm/card_link.h"
#include "hsm/piv_card.h"

namespace touchstone::hsm {

// Anew: the card was reset or put back, and connected once more; what it was told is lost.
enum class Held : std::uint8_t { as_before, anew };

// Keeps other programs off the card until its link is unlocked. A card with another serial number
// in the same reader is not taken.
// Errors: device.removed, device.*.
Result<Held> hold_card(CardReaders& readers, PivCard& card);

// The same for what is to be told a secret or changed: a card that was reset or put back, and tells
// no serial number, may be another one, and is not taken. Errors: as above.
Status hold_same_card(CardReaders& readers, PivCard& card);

// Selects the PIV application anew, which forgets what the card was told, and looks whether it is
// still the same card, as far as it tells.
// Errors: device.removed, device.not-found.
Status start_afresh(PivCard& card);

}  // namespace touchstone::hsm
