#include "hsm/piv_choice.h"

#include <utility>

#include "base/text.h"

namespace touchstone::hsm {
namespace {

bool fits(const PivCard& card, const PivName& name) {
  if (!name.any_maker && !card.is_yubikey()) return false;
  return !name.serial || card.serial() == name.serial;
}

// An empty reader is nothing to talk about, when others have cards.
void keep_reason(std::optional<Error>& kept, Error error) {
  const bool empty = error.code == Code::device_not_found;
  if (!kept || (kept->code == Code::device_not_found && !empty)) kept = std::move(error);
}

Error several(const std::vector<PivCard>& cards, std::uint8_t slot) {
  std::vector<std::string> names;
  for (const PivCard& card : cards) {
    names.push_back(card.key_name(slot).to_string() + " in reader \"" + printable(card.reader()) +
                    "\"");
  }
  return Error{Code::device_ambiguous,
               std::to_string(cards.size()) + " tokens fit: " + join(names, ", "),
               "name one of them with serial= or reader="};
}

}  // namespace

Result<FittingCards> fitting_cards(CardReaders& readers, const PivName& name) {
  TS_TRY(const auto names, readers.names());
  FittingCards found;
  for (const std::string& reader : names) {
    if (name.reader && *name.reader != reader) continue;
    auto link = readers.connect(reader);
    if (!link) {
      keep_reason(found.skipped, std::move(link).error());
      continue;
    }
    auto card = PivCard::open(*std::move(link), reader);
    if (!card) {
      keep_reason(found.skipped, std::move(card).error());
    } else if (fits(*card, name)) {
      found.cards.push_back(*std::move(card));
    }
  }
  return found;
}

Result<PivCard> only_card(CardReaders& readers, const PivName& name) {
  TS_TRY(auto found, fitting_cards(readers, name));
  if (found.cards.size() > 1) return several(found.cards, name.slot);
  if (found.cards.size() == 1) return std::move(found.cards.front());
  if (found.skipped && found.skipped->code != Code::device_not_found) {
    return *std::move(found.skipped);
  }
  TS_TRY(const auto names, readers.names());
  if (names.empty()) {
    return Error{Code::device_not_found, "there is no smart-card reader, and so no token", ""};
  }
  std::vector<std::string> shown;
  for (const std::string& reader : names) shown.push_back("\"" + printable(reader) + "\"");
  return Error{Code::device_not_found,
               "no token fits " + name.to_string() + "; readers: " + join(shown, ", "), ""};
}

}  // namespace touchstone::hsm
