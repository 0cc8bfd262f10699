// Smart cards in readers, as a port: one real implementation (hsm/pcsc_cards.h), and one in the
// tests that ends in the emulated card without a daemon.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone::hsm {

struct CardCommand {
  std::uint8_t instruction = 0;
  std::uint8_t p1 = 0;
  std::uint8_t p2 = 0;
  ByteView data;  // of any length: sent in pieces by the link
};

struct CardAnswer {
  Bytes data;
  std::uint16_t status = 0;

  bool good() const { return status == 0x9000; }
};

// A connection to one card. Ends with the object; a card that was to be reset is reset then.
class CardLink {
 public:
  virtual ~CardLink() = default;

  // Keeps other programs off the card until unlock(). Stale, and not held: the card was reset, or
  // taken out, since it was connected; what it was told is lost, and it may be another card.
  // Errors: device.*.
  enum class Hold : std::uint8_t { held, stale };
  virtual Result<Hold> lock() = 0;
  virtual void unlock() = 0;

  // Errors: device.removed, device.failed; never for what the card's status says.
  virtual Result<CardAnswer> transmit(const CardCommand& command) = 0;

  // From now on: reset the card at the end, so that nobody rides on what was unlocked.
  virtual void reset_at_end() = 0;
};

class CardReaders {
 public:
  virtual ~CardReaders() = default;

  // The names of all readers, with or without a card.
  // Errors: device.library, device.no-service, device.not-allowed, device.failed.
  virtual Result<std::vector<std::string>> names() = 0;

  // Errors: device.not-found (no card, no such reader), device.busy, device.*.
  virtual Result<std::unique_ptr<CardLink>> connect(const std::string& reader) = 0;
};

}  // namespace touchstone::hsm
