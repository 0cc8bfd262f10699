#include "hsm/piv_pins.h"

#include <utility>

#include "crypto/hash.h"
#include "hsm/piv_changes.h"
#include "hsm/piv_choice.h"
#include "hsm/piv_description.h"
#include "hsm/piv_hold.h"
#include "hsm/piv_management.h"

namespace touchstone::hsm {
namespace {

using crypto::BlockCipher;

constexpr std::size_t min_pin_bytes = 6;  // SP 800-73-4 part 2, section 2.4.3
constexpr std::size_t max_pin_bytes = 8;
constexpr std::string_view factory_pin = "123456";
constexpr std::string_view factory_puk = "12345678";
constexpr Firmware first_with_aes{5, 4, 2};
constexpr std::uint16_t status_wrong_data = 0x6A80;

// The cipher for a new key of this length on a card whose key is of `now`. Absent: none has it.
std::optional<BlockCipher> cipher_for(std::size_t size, std::optional<BlockCipher> now) {
  if (size == 16) return BlockCipher::aes128;
  if (size == 32) return BlockCipher::aes256;
  if (size != 24) return std::nullopt;
  return !now || *now == BlockCipher::triple_des ? BlockCipher::triple_des : BlockCipher::aes192;
}

// Triple DES with two equal neighbours is DES.
bool is_single_des(BlockCipher cipher, ByteView key) {
  if (cipher != BlockCipher::triple_des) return false;
  return crypto::equal_in_constant_time(key.first(8), key.subspan(8, 8)) ||
         crypto::equal_in_constant_time(key.subspan(8, 8), key.subspan(16, 8));
}

Error unfit(std::string what) { return Error{Code::device_pin_unfit, std::move(what), ""}; }

class PivPins : public PinManager {
 public:
  PivPins(std::shared_ptr<CardReaders> readers, PivCard card, OnTouch on_touch)
      : readers_(std::move(readers)), card_(std::move(card)), on_touch_(std::move(on_touch)) {
    state_.device = card_.name();
    state_.hardware = true;
    state_.min_pin_bytes = min_pin_bytes;
    state_.max_pin_bytes = max_pin_bytes;
    state_.has_management_key = true;
  }

  // What the card tells now.
  Status look() {
    TS_TRY(pin_, card_.tries());
    TS_TRY(puk_, card_.tries(PinReference::puk));
    TS_TRY(facts_, management_facts(card_));
    state_.pin_tries = tries_level(pin_);
    state_.puk_tries = tries_level(puk_);
    state_.factory_pin = pin_ && pin_->factory_pin;
    state_.factory_puk = puk_ && puk_->factory_pin;
    state_.factory_management_key = facts_.factory_value;
    state_.management_key_behind_pin = facts_.behind_pin;
    state_.warnings = factory_warnings(card_, pin_, puk_, facts_);
    return ok();
  }

  const PinState& state() const override { return state_; }

  Status change_pin(const Secret& current, const Secret& next) override {
    return change_reference_of(PinReference::pin, state_.factory_pin ? factory_pin : "", current,
                               next);
  }

  Status unblock_pin(const Secret& puk, const Secret& next) override {
    TS_CHECK(check_lengths("PUK", puk, "PIN", next));
    return change([&]() -> Status {
      if (puk_ && puk_->left == 0) return blocked(PinReference::puk, "");
      TS_TRY(const CardAnswer answer, seen(reset_pin(card_, puk, next), "PIN"));
      return outcome(answer, PinReference::puk, "PIN");
    });
  }

  Status change_puk(const Secret& current, const Secret& next) override {
    return change_reference_of(PinReference::puk, state_.factory_puk ? factory_puk : "", current,
                               next);
  }

  Status change_management_key(const Secret& current, const Secret& next) override {
    TS_TRY(const Secret key, parse_management_key(next));
    const ByteView bytes = as_bytes(key.reveal());
    return change([&]() -> Status {
      if (facts_.behind_pin) return stays_behind_pin();
      const auto cipher = cipher_for(bytes.size(), facts_.cipher);
      TS_CHECK(check_new_key(*cipher, bytes));
      TS_TRY(const Secret proved, prove_current_key(current));
      return set_key(*cipher, bytes);
    });
  }

  Status protect_management_key(const Secret& current, const Secret& next,
                                const Secret& pin) override {
    Secret key;
    if (!next.empty()) {
      TS_TRY(key, parse_management_key(next));
    }
    return change([&]() -> Status {
      if (pin_ && pin_->left == 0) return blocked(PinReference::pin, "");
      const BlockCipher cipher = key.empty() ? facts_.cipher.value_or(BlockCipher::triple_des)
                                             : *cipher_for(key.size(), facts_.cipher);
      if (key.empty()) key = random_key(cipher);
      TS_CHECK(check_new_key(cipher, as_bytes(key.reveal())));
      TS_TRY(const Secret proved, prove_current_key(current, &pin));
      return keep_and_set(cipher, as_bytes(key.reveal()), as_bytes(proved.reveal()));
    });
  }

 private:
  template <class Action>
  Status change(Action action) {
    TS_CHECK(hold_same_card(*readers_, card_));  // nothing is kept in the card between two calls
    Status done = start_afresh(card_);
    if (done) done = look();
    if (done) done = action();
    if (card_.select() && done) (void)look();  // what is told of it afterwards
    card_.link()->unlock();
    return done;
  }

  // `factory`: the value that may stand for `current`, where the card says that it has it.
  Status change_reference_of(PinReference reference, std::string_view factory,
                             const Secret& current, const Secret& next) {
    const bool pin = reference == PinReference::pin;
    const char* const what = pin ? "PIN" : "PUK";
    if (current.empty() && !factory.empty()) {
      if (next.reveal() == factory) {
        return unfit(std::string("the new ") + what + " is the factory's, which everybody knows");
      }
      return change_reference_of(reference, "", Secret(factory), next);
    }
    TS_CHECK(check_lengths(what, current, what, next));
    return change([&]() -> Status {
      const auto& tries = pin ? pin_ : puk_;
      if (tries && tries->left == 0) return blocked(reference, "");
      TS_TRY(const CardAnswer answer,
             seen(change_reference(card_, reference, current, next), what));
      return outcome(answer, reference, what);
    });
  }

  Error stays_behind_pin() const {
    return Error{Code::device_pin_needed,
                 card_.name() + " keeps its management key behind the PIN as well", ""};
  }

  static Secret random_key(BlockCipher cipher) {
    Bytes bytes = crypto::random_bytes(crypto::key_bytes(cipher));
    Secret key(as_text(bytes));
    wipe(bytes);
    return key;
  }

  // The card's key, proved: `current`, the factory's, or what lies behind the PIN. The PIN is
  // presented once, whether the key lies there or is to lie there.
  Result<Secret> prove_current_key(const Secret& current, const Secret* pin = nullptr) {
    ManagementAccess access(facts_, !current.empty(), on_touch_);
    const Credential needed = access.needed();
    if (pin != nullptr && needed == Credential::pin) {
      TS_CHECK(access.take(card_, *pin));
    } else if (pin != nullptr) {
      TS_CHECK(card_.verify(*pin));
    }
    if (!current.empty()) {
      TS_CHECK(access.take(card_, current));
    }
    if (access.taken().empty()) {
      TS_CHECK(access.prove(card_));
    }
    return Secret(access.taken().empty() ? as_text(factory_management_key())
                                         : access.taken().reveal());
  }

  Status set_key(BlockCipher cipher, ByteView key) {
    const bool touch = facts_.touch == TouchPolicy::always;
    TS_TRY(const CardAnswer answer,
           seen(set_management_key(card_, cipher, key, touch), "management key"));
    if (answer.status == status_wrong_data) {
      return unfit(card_.name() + " does not take the new management key (6a80)");
    }
    if (!answer.good()) return failed(answer, "management key");
    return try_new_key(cipher, key);
  }

  // Kept first and set last, and beside the `current` one where that is kept already: at no time is
  // there a key that nobody can get at.
  Status keep_and_set(BlockCipher cipher, ByteView key, ByteView current) {
    const bool again = facts_.behind_pin;
    TS_TRY(const Bytes before,
           again ? keep_key_behind_pin(card_, current, key) : keep_key_behind_pin(card_, key, {}));
    Status done = set_key(cipher, key);
    if (done) return again ? leave_key_behind_pin(card_, key) : ok();
    if (done.error().code == Code::device_half_done) return done;
    TS_CHECK(again ? leave_key_behind_pin(card_, current) : undo_key_behind_pin(card_, before));
    return done;
  }

  // The answer to a command that changes `what`; without one, nobody knows what it did.
  static Result<CardAnswer> seen(Result<CardAnswer> answer, const char* what) {
    if (answer) return answer;
    return unseen(answer.error(), what);
  }

  static Error unseen(const Error& why, const char* what) {
    return Error{Code::device_half_done,
                 why.message + "; whether its " + what + " was changed could not be seen", ""};
  }

  Status check_lengths(const char* current_noun, const Secret& current, const char* next_noun,
                       const Secret& next) const {
    TS_CHECK(check_new_pin(state_, next_noun, next));
    // It would be padding.
    if (next.reveal().contains('\xFF')) {
      return unfit("the new " + std::string(next_noun) + " has a byte FF in it");
    }
    if (current.size() >= min_pin_bytes && current.size() <= max_pin_bytes) return ok();
    return Error{Code::device_pin_unusable,
                 "a PIV " + std::string(current_noun) + " has 6 to 8 characters; none was tried",
                 ""};
  }

  Error blocked(PinReference reference, const char* when) const {
    const bool pin = reference == PinReference::pin;
    return Error{
        pin ? Code::device_pin_locked : Code::device_puk_locked,
        std::string("the ") + (pin ? "PIN" : "PUK") + " of " + card_.name() + " is blocked" + when,
        ""};
  }

  Error failed(const CardAnswer& answer, const char* what) const {
    return Error{
        Code::device_failed,
        card_.name() + " does not change its " + what + " (" + status_text(answer.status) + ")",
        ""};
  }

  // Of presenting `reference` to change `what`.
  Status outcome(const CardAnswer& answer, PinReference reference, const char* what) const {
    if (answer.good()) return ok();
    const bool pin = reference == PinReference::pin;
    const auto left = tries_in(answer.status);
    if (left == 0U) return blocked(reference, " now");
    if (left) {
      return Error{pin ? Code::device_pin_wrong : Code::device_puk_wrong,
                   card_.name() + " refuses the " + (pin ? "PIN; " : "PUK; ") +
                       (*left == 1 ? "1 try is" : std::to_string(*left) + " tries are") + " left",
                   ""};
    }
    if (answer.status == status_wrong_data) {
      return unfit(card_.name() + " does not take the new " + what + " (6a80)");
    }
    return failed(answer, what);
  }

  Status check_new_key(BlockCipher cipher, ByteView key) const {
    if (crypto::equal_in_constant_time(key, factory_management_key())) {
      return unfit("the new management key is the factory's, which everybody knows");
    }
    if (is_single_des(cipher, key)) {
      return unfit("the new management key repeats itself: it would be DES, not Triple DES");
    }
    const bool aes = cipher != BlockCipher::triple_des;
    if (aes && card_.firmware() && *card_.firmware() < first_with_aes) {
      return Error{Code::device_unsupported,
                   card_.name() + " has firmware " + card_.firmware()->to_string() +
                       "; AES management keys come with 5.4.2",
                   "give 48 hex digits, for Triple DES"};
    }
    return ok();
  }

  // A key that the card does not have as it was given locks everybody out: known at once.
  Status try_new_key(BlockCipher cipher, ByteView key) {
    if (const auto selected = card_.select(); !selected) {
      return unseen(selected.error(), "management key");
    }
    ManagementFacts facts = facts_;
    facts.told = true;
    facts.cipher = cipher;
    TS_TRY(const auto whole, management_key_for(facts, key));
    if (on_touch_ && facts_.touch == TouchPolicy::always) on_touch_({card_.name(), 2});
    auto proved = prove_management_key(card_, whole);
    if (proved) return proved;
    if (proved.error().code == Code::device_removed) {
      return unseen(proved.error(), "management key");
    }
    return Error{Code::device_half_done,
                 card_.name() +
                     " says that it took the new management key, and does not know it (" +
                     proved.error().message + ")",
                 ""};
  }

  std::shared_ptr<CardReaders> readers_;
  PivCard card_;
  OnTouch on_touch_;
  std::optional<PinTries> pin_;
  std::optional<PinTries> puk_;
  ManagementFacts facts_;
  PinState state_;
};

}  // namespace

Result<std::unique_ptr<PinManager>> open_piv_pins(std::shared_ptr<CardReaders> readers,
                                                  const PivName& name, OnTouch on_touch) {
  TS_TRY(auto card, only_card(*readers, name));
  auto pins = std::make_unique<PivPins>(std::move(readers), std::move(card), std::move(on_touch));
  TS_CHECK(pins->look());
  return std::unique_ptr<PinManager>(std::move(pins));
}

}  // namespace touchstone::hsm
