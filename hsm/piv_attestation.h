// What a YubiKey attests of a key that it made.
#pragma once

#include <vector>

#include "base/result.h"
#include "crypto/certificate.h"
#include "hsm/card_link.h"
#include "hsm/piv_name.h"

namespace touchstone::hsm {

// The attestation of the key in the slot, and the certificate of the device's key that made it (in
// slot f9). No PIN is asked. A card that answers what is no certificate is asked once more over a
// connection of its own: some do so right after they made a key.
// Errors: device.key-not-found, device.no-attestation (a key that was brought in, a card that gives
// none), device.failed (malformed, or of another key than is in the slot), and as open_piv_key().
Result<std::vector<crypto::Certificate>> read_piv_attestation(CardReaders& readers,
                                                              const PivName& name);

}  // namespace touchstone::hsm
