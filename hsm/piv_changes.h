// The commands that change a PIV card. What its status means is the caller's to say.
//
// Spec: NIST SP 800-73-4 part 2 sections 3.2.2, 3.2.3, 3.3.1 and 3.3.2, and Yubico's extensions:
// policies, import, deletion and the setting of the management key.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/block_key.h"
#include "crypto/private_key.h"
#include "hsm/key_manager.h"
#include "hsm/piv_algorithm.h"
#include "hsm/piv_card.h"

namespace touchstone::hsm {

// Each of these: device.removed, device.failed; and the card must hold the management key proved
// (prove_management_key), or it answers 6982.

// Replaces the key in the slot. Policies that are not given are not sent: the card has its own.
Result<CardAnswer> make_card_key(PivCard& card, std::uint8_t slot, const PivAlgorithm& algorithm,
                                 const KeyPolicies& policies);

// Replaces the key in the slot by this one, which is of that algorithm.
// Errors: device.unsupported (a number that does not fit what cards take); nothing was sent then.
Result<CardAnswer> give_card_key(PivCard& card, std::uint8_t slot, const PivAlgorithm& algorithm,
                                 const crypto::KeyNumbers& numbers, const KeyPolicies& policies);

// Firmware 5.7 and later.
Result<CardAnswer> delete_card_key(PivCard& card, std::uint8_t slot);

// Writes a data object; an empty one counts as none.
Result<CardAnswer> put_object(PivCard& card, const ObjectId& id, ByteView content);

// Writes the object that Yubico's tools keep the management key in: `53 { 88 { 89 key } }`, with
// `8A next` behind the key where there is one. A key has 32 bytes at most.
Result<CardAnswer> put_key_behind_pin(PivCard& card, const ObjectId& id, ByteView key,
                                      ByteView next);

// `touch`: the card wants to be touched whenever the key is proved.
Result<CardAnswer> set_management_key(PivCard& card, crypto::BlockCipher cipher, ByteView key,
                                      bool touch);

// The card and its manager prove to each other that they know the key, with fresh challenges.
// Spec: SP 800-73-4 part 2, section A.1 (mutual authentication).
// Errors: device.management-key (the card refuses it, or does not know it itself), device.*.
Status prove_management_key(PivCard& card, const crypto::BlockKey& key);

// Replaces a PIN or PUK, presenting the current one. Both have 6 to 8 bytes.
Result<CardAnswer> change_reference(PivCard& card, PinReference reference, const Secret& current,
                                    const Secret& next);

// Sets a new PIN, and all its tries, with the PUK. Both have 6 to 8 bytes.
Result<CardAnswer> reset_pin(PivCard& card, const Secret& puk, const Secret& next);

}  // namespace touchstone::hsm
