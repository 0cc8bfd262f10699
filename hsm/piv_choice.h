// Which card a name means: exactly one, or an error that shows what there is.
#pragma once

#include <vector>

#include "base/result.h"
#include "hsm/card_link.h"
#include "hsm/piv_card.h"
#include "hsm/piv_name.h"

namespace touchstone::hsm {

// The PIV cards that fit the name, its slot aside. Cards that cannot be looked at (another program
// holds one, no PIV application) are left out, and the first reason is in `skipped`.
struct FittingCards {
  std::vector<PivCard> cards;
  std::optional<Error> skipped;
};

// Errors: device.no-service and the like; device.removed.
Result<FittingCards> fitting_cards(CardReaders& readers, const PivName& name);

// Errors: device.not-found, device.busy and the like, device.ambiguous (the message lists the
// candidates).
Result<PivCard> only_card(CardReaders& readers, const PivName& name);

}  // namespace touchstone::hsm
