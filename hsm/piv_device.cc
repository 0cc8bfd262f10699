#include "hsm/piv_device.h"

#include <chrono>
#include <optional>
#include <utility>

#include "base/limits.h"
#include "hsm/delayed_call.h"
#include "hsm/piv_algorithm.h"
#include "hsm/piv_choice.h"
#include "hsm/piv_description.h"
#include "hsm/piv_hold.h"
#include "hsm/signature_input.h"

namespace touchstone::hsm {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::uint16_t status_security = 0x6982;
constexpr std::size_t min_pin_bytes = 6;  // SP 800-73-4 part 2, section 2.4.3
constexpr std::size_t max_pin_bytes = 8;

Error no_key(const PivCard& card, std::uint8_t slot) {
  return Error{
      Code::device_key_not_found,
      card.name() + " has no key in slot " + slot_text(slot) + ", or does not tell its public half",
      ""};
}

Result<SlotKey> usable_key(PivCard& card, std::uint8_t slot) {
  TS_TRY(auto key, card.key(slot));
  if (!key) return no_key(card, slot);
  if (!key->public_key) {
    return Error{Code::device_algorithm,
                 "the key in slot " + slot_text(slot) + " of " + card.name() +
                     " is not usable: " + key->unusable,
                 ""};
  }
  return *std::move(key);
}

class PivKey : public KeyDevice {
 public:
  PivKey(std::shared_ptr<CardReaders> readers, PivCard card, SlotKey key, OnTouch on_touch)
      : readers_(std::move(readers)),
        card_(std::move(card)),
        key_(std::move(key)),
        on_touch_(std::move(on_touch)) {}

  Status prepare() {
    TS_TRY(const auto tries, card_.tries());
    TS_TRY(description_, describe_piv_key(card_, key_, tries));
    return ok();
  }

  const KeyDescription& describe() const override { return description_; }

  Status unlock(Secret pin) override {
    if (key_.pin == PinPolicy::never) return ok();
    if (description_.tries == KeyDescription::Tries::locked) {
      return Error{Code::device_pin_locked, "the PIN of " + card_.name() + " is blocked", ""};
    }
    if (pin.size() < min_pin_bytes || pin.size() > max_pin_bytes) {
      return Error{Code::device_pin_unusable, "a PIV PIN has 6 to 8 characters; none was tried",
                   ""};
    }
    pin_ = std::move(pin);
    return ok();
  }

  Result<Bytes> public_key() override { return key_.public_key->der(); }

  Result<Bytes> sign(Scheme scheme, ByteView message) override {
    return sign_content(scheme, {message});
  }

  Result<Bytes> sign_digest(Scheme scheme, ByteView digest) override {
    return sign_content(scheme, {digest, true});
  }

 private:
  Result<Bytes> sign_content(Scheme scheme, const Content& content) {
    TS_TRY(const Bytes input, card_input(*key_.public_key, scheme, content));
    ++signature_;
    TS_CHECK(hold());
    auto signature = sign_held(input);
    card_.link()->unlock();
    if (!signature) return signature;
    if (!content.is_signed_by(*key_.public_key, scheme, *signature)) {
      return Error{Code::device_signature,
                   card_.name() + " made a signature that does not verify with its public key " +
                       key_.public_key->fingerprint(),
                   ""};
    }
    return signature;
  }

  Status hold() {
    auto held = hold_card(*readers_, card_);
    if (!held || *held == Held::anew) verified_ = false;
    if (!held) return std::move(held).error();
    return ok();
  }

  Result<Bytes> sign_held(const Bytes& input) {
    TS_CHECK(look_again());
    for (bool repeated = false;; repeated = true) {
      TS_CHECK(present_pin());
      const auto start = SteadyClock::now();
      TS_TRY(const CardAnswer answer, authenticate(input));
      if (answer.good()) return signature_in(answer);
      if (answer.status != status_security) return refused(answer);
      if (was_touch_timeout(key_.touch, SteadyClock::now() - start)) return no_touch();
      // With the PIN just accepted, the card can only have forgotten it: another program.
      if (repeated || key_.pin == PinPolicy::never) return pin_lost();
      verified_ = false;
    }
  }

  // HW-07: still the same card and the same key, as far as it tells, before it sees the PIN. A card
  // that does not tell may have another application selected, whose PIN ours is not.
  Status look_again() {
    TS_TRY(auto now, card_.public_key_now(key_.slot));
    if (!now) {
      verified_ = false;
      TS_CHECK(card_.select());
      TS_TRY(now, card_.public_key_now(key_.slot));
    }
    TS_TRY(const auto serial, card_.ask_serial());
    if (serial && serial != card_.serial()) {
      return Error{Code::device_removed, card_.name() + " tells another serial number now", ""};
    }
    if (!now || *now == key_.public_key->der()) return ok();
    if (now->empty()) return no_key(card_, key_.slot);
    return Error{
        Code::device_failed,
        "slot " + slot_text(key_.slot) + " of " + card_.name() + " holds another key than before",
        ""};
  }

  Status present_pin() {
    const bool due = key_.pin == PinPolicy::always || (key_.pin == PinPolicy::once && !verified_);
    if (!due) return ok();
    if (!pin_) {
      return Error{Code::device_pin_needed, card_.name() + " needs its PIN first", ""};
    }
    auto verified = card_.verify(*pin_);
    verified_ = static_cast<bool>(verified);
    if (!verified) pin_.reset();
    return verified;
  }

  Result<CardAnswer> authenticate(const Bytes& input) {
    const std::uint8_t algorithm = find_piv_algorithm(*key_.public_key)->id;
    std::optional<DelayedCall> later;
    if (on_touch_ && key_.touch == TouchPolicy::always) {
      on_touch_({card_.name(), signature_});
    } else if (on_touch_ && key_.touch != TouchPolicy::never) {
      later.emplace(limits::touch_notice_delay, [this] { on_touch_({card_.name(), signature_}); });
    }
    return card_.authenticate(key_.slot, algorithm, input);
  }

  Result<Bytes> signature_in(const CardAnswer& answer) const {
    auto signature = signature_of_answer(answer.data);
    if (signature) return *std::move(signature);
    return Error{Code::device_signature, card_.name() + " answers with a malformed signature", ""};
  }

  Error no_touch() const {
    return Error{Code::device_touch_timeout, card_.name() + " was not touched in time", ""};
  }

  Error pin_lost() const {
    if (key_.pin == PinPolicy::never) {
      return Error{Code::device_failed, card_.name() + " refuses to sign (6982)", ""};
    }
    return Error{Code::device_pin_lost,
                 card_.name() + " accepted the PIN and then would not sign, twice", ""};
  }

  Error refused(const CardAnswer& answer) const {
    return Error{Code::device_failed,
                 card_.name() + " does not sign: it answers " + status_text(answer.status), ""};
  }

  std::shared_ptr<CardReaders> readers_;
  PivCard card_;
  SlotKey key_;
  OnTouch on_touch_;
  KeyDescription description_;
  std::optional<Secret> pin_;  // held until it was refused or the device goes away
  bool verified_ = false;      // the card has accepted the PIN in this connection
  std::size_t signature_ = 0;
};

std::vector<std::uint8_t> all_slots() {
  std::vector<std::uint8_t> slots = {0x9A, 0x9C, 0x9D, 0x9E};
  for (std::uint8_t slot = 0x82; slot <= 0x95; ++slot) slots.push_back(slot);
  return slots;
}

Status list_card(PivCard& card, PivList& list) {
  TS_TRY(const auto tries, card.tries());
  bool any = false;
  for (const std::uint8_t slot : all_slots()) {
    TS_TRY(const auto key, card.key(slot));
    if (!key) continue;
    TS_TRY(auto description, describe_piv_key(card, *key, tries));
    list.keys.push_back(std::move(description));
    any = true;
  }
  if (!any) list.notes.push_back(card.name() + " holds no key");
  return ok();
}

}  // namespace

bool was_touch_timeout(TouchPolicy policy, SteadyClock::duration elapsed) {
  return policy != TouchPolicy::never && elapsed >= limits::touch_timeout;
}

Result<std::unique_ptr<KeyDevice>> open_piv_key(std::shared_ptr<CardReaders> readers,
                                                const PivName& name, OnTouch on_touch) {
  TS_TRY(auto card, only_card(*readers, name));
  TS_TRY(auto key, usable_key(card, name.slot));
  if (has_roca(card, key)) {
    return Error{Code::device_firmware,
                 card.name() + " has firmware " + card.firmware()->to_string() +
                     ", whose RSA keys can be factored (CVE-2017-15361)",
                 ""};
  }
  auto device = std::make_unique<PivKey>(std::move(readers), std::move(card), std::move(key),
                                         std::move(on_touch));
  TS_CHECK(device->prepare());
  return std::unique_ptr<KeyDevice>(std::move(device));
}

Result<PivList> list_piv_keys(CardReaders& readers, const PivName& name) {
  TS_TRY(auto found, fitting_cards(readers, name));
  PivList list;
  for (PivCard& card : found.cards) TS_CHECK(list_card(card, list));
  if (found.skipped && found.skipped->code != Code::device_not_found) {
    list.notes.push_back(found.skipped->message);
  }
  return list;
}

Result<crypto::PublicKey> read_piv_public_key(CardReaders& readers, const PivName& name) {
  TS_TRY(auto card, only_card(readers, name));
  TS_TRY(const auto key, usable_key(card, name.slot));
  return *key.public_key;
}

}  // namespace touchstone::hsm
