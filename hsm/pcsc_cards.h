// The cards of this machine, through libykpiv and the smart-card service (pcscd).
//
// Both libraries are opened when the first reader is looked for, and never by a command that uses
// no PIV device. We connect the card ourselves and hand it to libykpiv, so that one transaction can
// be held over several commands; libykpiv sends commands in pieces, collects long answers, and
// knows the service's ways. Every command goes through its ykpiv_transfer_data: that tells the
// card's status word, which its verify and sign functions keep to themselves, and leaves no copy of
// the PIN in the library (docs/decisions/0009-libykpiv.md).
#pragma once

#include <memory>

#include "base/result.h"
#include "hsm/card_link.h"

namespace touchstone::hsm {

// Errors: device.library.
Result<std::unique_ptr<CardReaders>> open_card_readers();

}  // namespace touchstone::hsm
