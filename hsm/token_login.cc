#include "hsm/token_login.h"

#include <algorithm>

#include "base/limits.h"

namespace touchstone::hsm {
namespace {

std::string tries_in_words(KeyDescription::Tries tries) {
  switch (tries) {
    case KeyDescription::Tries::low:
      return "; few tries are left";
    case KeyDescription::Tries::last:
      return "; one try is left";
    case KeyDescription::Tries::locked:
      return "; it is blocked now";
    default:
      return "";
  }
}

}  // namespace

Status refresh(Module& module, Token& token) {
  TS_TRY(const auto tokens, module.tokens());
  const auto same = std::ranges::find_if(tokens, [&](const Token& other) {
    return other.slot_id == token.slot_id && other.label == token.label &&
           other.serial == token.serial;
  });
  if (same == tokens.end()) {
    return Error{Code::device_removed, name_of(token) + " is no longer there", ""};
  }
  token = *same;
  return ok();
}

Status check_pin(const Secret& pin) {
  if (pin.empty()) return Error{Code::device_pin_needed, "the PIN is empty", ""};
  if (pin.size() > limits::max_pin_bytes || pin.reveal().contains('\0')) {
    return Error{Code::device_pin_unusable, "the PIN is too long, or has a NUL in it", ""};
  }
  return ok();
}

Status log_in_user(TokenSession& session, Module& module, Token& token, const Secret* pin) {
  TS_CHECK(refresh(module, token));
  if (token.tries == KeyDescription::Tries::locked) return pin_blocked(token);
  Status in = session.log_in(pin);
  if (!in) return with_tries(std::move(in).error(), module, token);
  return ok();
}

Error with_tries(Error error, Module& module, Token& token) {
  const bool officer = error.code == Code::device_puk_wrong;
  if (error.code != Code::device_pin_wrong && !officer) return error;
  if (refresh(module, token)) {
    error.message += tries_in_words(officer ? token.officer_tries : token.tries);
  }
  return error;
}

Error pin_blocked(const Token& token) {
  return Error{Code::device_pin_locked, "the PIN of " + name_of(token) + " is blocked", ""};
}

Status check_process(const Module& module) {
  if (module.loaded_by_this_process()) return ok();
  return Error{Code::device_failed, "the token was opened by another process", ""};
}

}  // namespace touchstone::hsm
