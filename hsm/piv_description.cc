#include "hsm/piv_description.h"

#include <utility>

#include "base/text.h"

namespace touchstone::hsm {
namespace {

std::string_view origin_text(SlotMetadata::Origin origin) {
  if (origin == SlotMetadata::Origin::generated) return "made on the token";
  return origin == SlotMetadata::Origin::imported ? "imported" : "unknown";
}

std::string firmware_text(const PivCard& card, const SlotKey& key) {
  std::string text = card.firmware()->to_string();
  const bool ecdsa = key.public_key && key.public_key->kind() != crypto::KeyKind::rsa;
  if (has_roca(card, key)) text += " (its RSA keys are weak: CVE-2017-15361)";
  if (ecdsa && *card.firmware() < firmware::first_without_eucleak) {
    text += " (whoever opens the token can copy its ECDSA keys: YSA-2024-03)";
  }
  return text;
}

// What cannot be had of the slot's certificate is a fact of its own.
Status read_certificate(PivCard& card, const SlotKey& key, KeyDescription& description) {
  auto stored = card.certificate(key.slot);
  if (!stored) {
    if (stored.error().code == Code::device_removed) return stored.error();
    description.facts.push_back({"certificate", "malformed"});
  } else if (*stored && (*stored)->compressed) {
    description.facts.push_back({"certificate", "one that is compressed, and not looked at"});
  } else if (*stored) {
    description.certificate = std::move((*stored)->der);
  }
  return ok();
}

}  // namespace

KeyDescription::Tries tries_level(const std::optional<PinTries>& tries) {
  if (!tries) return KeyDescription::Tries::unknown;
  if (tries->left == 0) return KeyDescription::Tries::locked;
  if (tries->left == 1) return KeyDescription::Tries::last;
  return tries->in_all && tries->left < *tries->in_all ? KeyDescription::Tries::low
                                                       : KeyDescription::Tries::normal;
}

bool makes_roca(const PivCard& card) {
  return card.firmware() && firmware::makes_weak_rsa(*card.firmware());
}

bool has_roca(const PivCard& card, const SlotKey& key) {
  return makes_roca(card) && key.public_key && key.public_key->kind() == crypto::KeyKind::rsa &&
         key.origin != SlotMetadata::Origin::imported;
}

Result<KeyDescription> describe_piv_key(PivCard& card, const SlotKey& key,
                                        const std::optional<PinTries>& tries) {
  KeyDescription description;
  description.name = card.key_name(key.slot).to_string();
  description.device = card.name();
  description.hardware = true;
  if (key.public_key) description.public_key = key.public_key->der();
  description.needs_pin = key.pin != PinPolicy::never;
  description.pin_for_each_signature = key.pin == PinPolicy::always;
  description.touch = key.touch;
  description.tries = tries_level(tries);
  if (tries) description.tries_left = tries->left;
  auto& facts = description.facts;
  facts.push_back({"reader", printable(card.reader())});
  if (card.firmware()) facts.push_back({"firmware", firmware_text(card, key)});
  facts.push_back({"slot", slot_text(key.slot)});
  facts.push_back({"origin", std::string(origin_text(key.origin))});
  TS_CHECK(read_certificate(card, key, description));
  if (!key.unusable.empty()) facts.push_back({"not usable", printable(key.unusable)});
  if (tries && tries->factory_pin && description.needs_pin) {
    facts.push_back({"warning", "the PIN is still the factory's, which everybody knows"});
  }
  return description;
}

}  // namespace touchstone::hsm
