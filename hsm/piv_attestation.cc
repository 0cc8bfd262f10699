#include "hsm/piv_attestation.h"

#include "hsm/piv_card.h"
#include "hsm/piv_choice.h"

namespace touchstone::hsm {
namespace {

constexpr std::uint8_t attesting_slot = 0xF9;

Error no_attestation(const PivCard& card, std::uint8_t slot, std::string_view why) {
  return Error{Code::device_no_attestation,
               card.name() + " attests nothing of the key in slot " + slot_text(slot) + ": " +
                   std::string(why),
               ""};
}

// Absent when it is malformed.
Result<std::optional<crypto::Certificate>> attested(PivCard& card, std::uint8_t slot) {
  TS_TRY(const auto der, card.attestation(slot));
  if (!der) {
    return no_attestation(card, slot, "it was brought in, or the card does not attest at all");
  }
  auto certificate = crypto::Certificate::from_der(*der);
  if (!certificate) return std::optional<crypto::Certificate>();
  return std::optional(*std::move(certificate));
}

Result<crypto::Certificate> attesting(PivCard& card, std::uint8_t slot) {
  TS_TRY(const auto stored, card.certificate(attesting_slot));
  if (!stored) return no_attestation(card, slot, "it has no certificate of its own in slot f9");
  auto certificate = crypto::Certificate::from_der(stored->der);
  if (certificate && !stored->compressed) return certificate;
  return Error{Code::device_failed, card.name() + " has an unusable certificate in slot f9", ""};
}

}  // namespace

Result<std::vector<crypto::Certificate>> read_piv_attestation(CardReaders& readers,
                                                              const PivName& name) {
  std::optional<crypto::Certificate> of_key;
  for (int attempt = 0; attempt < 2; ++attempt) {
    TS_TRY(auto card, only_card(readers, name));
    TS_TRY(const auto key, card.key(name.slot));
    if (!key) {
      return Error{Code::device_key_not_found,
                   card.name() + " has no key in slot " + slot_text(name.slot), ""};
    }
    TS_TRY(of_key, attested(card, name.slot));
    if (!of_key) continue;
    if (key->public_key && !(*key->public_key == of_key->key())) {
      return Error{Code::device_failed,
                   card.name() + " attests another key than it has in slot " + slot_text(name.slot),
                   ""};
    }
    TS_TRY(auto of_device, attesting(card, name.slot));
    return std::vector{*std::move(of_key), std::move(of_device)};
  }
  return Error{Code::device_failed, "the card answers with a malformed attestation, twice", ""};
}

}  // namespace touchstone::hsm
