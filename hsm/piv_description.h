// What people are told of a key on a PIV card before any PIN.
#pragma once

#include "base/key_device.h"
#include "hsm/piv_card.h"

namespace touchstone::hsm {

// `tries` is the card's, asked for once. The slot's certificate is told as it stands: a key that
// was made anew leaves the old one's there. Errors: device.removed.
Result<KeyDescription> describe_piv_key(PivCard& card, const SlotKey& key,
                                        const std::optional<PinTries>& tries);

// As the port tells it.
KeyDescription::Tries tries_level(const std::optional<PinTries>& tries);

// CVE-2017-15361: RSA keys made by firmware 4.2.6 to 4.3.4 can be factored. True as well when the
// card does not tell where the key was made.
bool has_roca(const PivCard& card, const SlotKey& key);

// Whether RSA keys that the card makes have that.
bool makes_roca(const PivCard& card);

}  // namespace touchstone::hsm
