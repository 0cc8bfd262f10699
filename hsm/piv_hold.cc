#include "hsm/piv_hold.h"

#include <utility>

namespace touchstone::hsm {
namespace {

Error gone(const PivCard& card, const Error& why) {
  return Error{why.code == Code::device_not_found ? Code::device_removed : why.code,
               card.name() + " was taken out (" + why.message + ")", ""};
}

}  // namespace

Result<Held> hold_card(CardReaders& readers, PivCard& card) {
  if (card.link() != nullptr) {
    TS_TRY(const auto first, card.link()->lock());
    if (first == CardLink::Hold::held) return Held::as_before;
  }
  card.disconnect();  // before the new connection, which its reset would make stale
  auto link = readers.connect(card.reader());
  if (!link) return gone(card, link.error());
  auto again = PivCard::open(*std::move(link), card.reader());
  if (!again) return gone(card, again.error());
  if (again->serial() != card.serial()) {
    return Error{Code::device_removed,
                 card.name() + " was taken out; " + again->name() + " is in its place", ""};
  }
  card = *std::move(again);
  TS_TRY(const auto second, card.link()->lock());
  if (second == CardLink::Hold::held) return Held::anew;
  return Error{Code::device_removed, card.name() + " is reset again and again", ""};
}

Status hold_same_card(CardReaders& readers, PivCard& card) {
  TS_TRY(const Held how, hold_card(readers, card));
  if (how == Held::as_before || card.serial()) return ok();
  card.link()->unlock();
  return Error{
      Code::device_removed,
      card.name() + " was reset or taken out, and tells no serial number: it may be another",
      "try again, with the card left in its reader"};
}

Status start_afresh(PivCard& card) {
  TS_CHECK(card.select());
  TS_TRY(const auto serial, card.ask_serial());
  if (!serial || serial == card.serial()) return ok();
  return Error{Code::device_removed, card.name() + " tells another serial number now", ""};
}

}  // namespace touchstone::hsm
