// Readers with emulated PIV cards in this process: what hsm/ does with a card, without a daemon.
// Commands go through the card's APDUs, in pieces and with GET RESPONSE, as libykpiv sends them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hsm/card_link.h"
#include "tests/support/piv_card/card.h"

namespace touchstone::test {

// One card in its reader, and its log.
struct EmulatedCard {
  std::string reader;
  std::vector<std::string> log;
  piv_card::Card card{[this](const std::string& line) { log.push_back(line); }};
  bool stale = false;      // the next lock() finds the connection reset
  bool exclusive = false;  // another program holds it

  EmulatedCard(std::string name, const std::vector<std::string>& control);

  // Lines of control that must be understood.
  void obey(const std::string& line);

  // The names of the commands in the log so far, which is emptied: "VERIFY GENERAL-AUTHENTICATE".
  std::string commands();
};

class EmulatedReaders : public hsm::CardReaders {
 public:
  // A reader whose card obeyed these lines.
  EmulatedCard& add(const std::string& reader, const std::vector<std::string>& control = {});

  Result<std::vector<std::string>> names() override;
  Result<std::unique_ptr<hsm::CardLink>> connect(const std::string& reader) override;

 private:
  std::vector<std::unique_ptr<EmulatedCard>> cards_;
};

}  // namespace touchstone::test
