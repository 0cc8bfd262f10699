#include "hsm/pkcs11_pins.h"

#include <mutex>

#include "hsm/module.h"
#include "hsm/stdout_guard.h"
#include "hsm/token_choice.h"
#include "hsm/token_login.h"
#include "hsm/token_session.h"

namespace touchstone::hsm {
namespace {

class TokenPins : public PinManager {
 public:
  TokenPins(std::shared_ptr<Module> module, Token token, std::string pin_source,
            Module::PinLengths lengths)
      : module_(std::move(module)), token_(std::move(token)) {
    state_.device = name_of(token_);
    state_.hardware = true;
    state_.puk_noun = "SO PIN";
    state_.pin_source = std::move(pin_source);
    state_.pin_tries = token_.tries;
    state_.puk_tries = token_.officer_tries;
    state_.min_pin_bytes = lengths.min;
    state_.max_pin_bytes = lengths.max;
  }
  ~TokenPins() override {
    const StdoutGuard guard;
    module_.reset();
  }
  TokenPins(const TokenPins&) = delete;
  TokenPins& operator=(const TokenPins&) = delete;

  const PinState& state() const override { return state_; }

  Status change_pin(const Secret& current, const Secret& next) override {
    TS_CHECK(check_new_pin(state_, state_.pin_noun, next));
    TS_CHECK(check_pin(current));
    return change([&](TokenSession& session) -> Status {
      if (token_.tries == KeyDescription::Tries::locked) return pin_blocked(token_);
      return session.set_pin(current, next);
    });
  }

  Status unblock_pin(const Secret& puk, const Secret& next) override {
    TS_CHECK(check_new_pin(state_, state_.pin_noun, next));
    return as_officer(puk, [&](TokenSession& session) { return session.init_pin(next); });
  }

  Status change_puk(const Secret& current, const Secret& next) override {
    TS_CHECK(check_new_pin(state_, state_.puk_noun, next));
    return as_officer(current,
                      [&](TokenSession& session) { return session.set_pin(current, next); });
  }

  Status change_management_key(const Secret&, const Secret&) override {
    return Error{Code::device_unsupported, "a PKCS#11 token has no management key",
                 "what guards its keys is the PIN: `touchstone key pin change`"};
  }

 private:
  // One change in a session of its own, with nobody logged in at its beginning.
  template <class Action>
  Status change(Action action) {
    const StdoutGuard guard;
    TS_CHECK(check_process(*module_));
    const std::lock_guard lock(module_->mutex());
    TS_CHECK(refresh(*module_, token_));
    if (token_.own_keypad) {
      return Error{Code::device_unsupported, name_of(token_) + " takes PINs on its own keypad only",
                   "use its vendor's tool"};
    }
    TS_TRY(const auto session, TokenSession::open(module_, token_.slot_id, Access::write));
    Status done = action(*session);
    if (!done) return with_tries(std::move(done).error(), *module_, token_);
    return ok();
  }

  template <class Action>
  Status as_officer(const Secret& pin, Action action) {
    TS_CHECK(check_pin(pin));
    return change([&](TokenSession& session) -> Status {
      if (token_.officer_tries == KeyDescription::Tries::locked) {
        return Error{Code::device_puk_locked, "the SO PIN of " + name_of(token_) + " is blocked",
                     ""};
      }
      TS_CHECK(session.log_in_officer(pin));
      return action(session);
    });
  }

  std::shared_ptr<Module> module_;
  Token token_;
  PinState state_;
};

}  // namespace

Result<std::unique_ptr<PinManager>> open_token_pin_manager(const Pkcs11Uri& uri,
                                                           const std::string& module_path) {
  const StdoutGuard guard;
  TS_TRY(const auto module, Module::load(module_path));
  const std::lock_guard lock(module->mutex());
  TS_TRY(Token token, only_token(*module, uri, module_path));
  TS_TRY(const auto lengths, module->pin_lengths(token.slot_id));
  return std::unique_ptr<PinManager>(
      std::make_unique<TokenPins>(module, std::move(token), uri.pin_source, lengths));
}

}  // namespace touchstone::hsm
