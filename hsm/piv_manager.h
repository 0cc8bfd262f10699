// Making, replacing and removing the key of one slot of a PIV card, and its certificate.
//
// The management key guards all of that. It is the one that is given; else the factory's, where the
// card says that it still has it; else what the card keeps behind the PIN; else it is asked for.
// Card and program prove to each other that they know it, for each change anew; nothing is left
// unlocked after a change.
//
// A slot has one key, so a new one takes the old one's place on the card itself: when something
// fails after that, the old key is gone, and the error (device.half-done) says so. The new public
// key is compared with what the card's metadata says of the slot, and so are origin and policies.
// The old certificate goes last.
//
// Cards without metadata (YubiKeys before firmware 5.3, other makers') may hold a key that they
// tell nothing of. Such a slot counts as one that holds something: its key is replaced when told
// to, and a certificate is stored there unchecked. Only firmware 5.7 and later can delete a key;
// for the others that is device.unsupported.
#pragma once

#include <memory>

#include "hsm/card_link.h"
#include "hsm/key_manager.h"
#include "hsm/piv_device.h"
#include "hsm/piv_name.h"

namespace touchstone::hsm {

// `management_key_given`: the user has it at hand, and authorize() will get it.
// Errors: device.not-found, device.ambiguous, device.*.
Result<std::unique_ptr<KeyManager>> open_piv_manager(std::shared_ptr<CardReaders> readers,
                                                     const PivName& name, bool management_key_given,
                                                     OnTouch on_touch);

}  // namespace touchstone::hsm
