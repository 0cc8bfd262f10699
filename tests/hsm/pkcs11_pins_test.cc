// PINs of tokens, changed and unblocked.
#include "hsm/pkcs11_pins.h"

#include <catch2/catch.hpp>

#include "hsm/keys.h"
#include "tests/support/faulty_token.h"

namespace touchstone::hsm {
namespace {

using test::FaultyToken;
using test::SoftToken;
using Tries = KeyDescription::Tries;

const Secret new_pin("864209");

std::unique_ptr<PinManager> pins_of(const std::string& uri) {
  auto pins = open_pin_manager(uri);
  CAPTURE(pins ? "" : pins.error().message);
  REQUIRE(pins);
  return *std::move(pins);
}

Status sign_with(const std::string& uri, std::string_view pin) {
  TS_TRY(const auto key, open_key(uri));
  TS_CHECK((*key).unlock(Secret(pin)));
  TS_TRY(const Bytes signature, (*key).sign(Scheme::ecdsa_sha256, to_bytes("m")));
  return ok();
}

Code code_of(const Status& status) {
  REQUIRE_FALSE(status);
  CHECK_FALSE(status.error().message.contains(SoftToken::pin));
  CHECK_FALSE(status.error().message.contains(SoftToken::so_pin));
  CHECK_FALSE(status.error().message.contains("864209"));
  return status.error().code;
}

}  // namespace

TEST_CASE("a changed PIN signs, the old one does not", "[pins]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  // The URI of a key names its token.
  REQUIRE(pins_of(token.uri())->change_pin(Secret(SoftToken::pin), new_pin));
  CHECK(sign_with(token.uri(), "864209"));
  CHECK(code_of(sign_with(token.uri(), SoftToken::pin)) == Code::device_pin_wrong);
}

TEST_CASE("a wrong PIN is presented once and changes nothing", "[pins][HW-01]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  token.count_tries("3");
  auto pins = pins_of(token.uri());
  CHECK(pins->state().pin_tries == Tries::normal);
  const Status changed = pins->change_pin(Secret("13572468"), new_pin);
  CHECK(code_of(changed) == Code::device_pin_wrong);
  CHECK(changed.error().message.contains("few tries are left"));
  CHECK(token.pin_changes() == 1);
  CHECK(token.logins() == 0);
  CHECK(sign_with(token.uri(), SoftToken::pin));
}

TEST_CASE("a blocked PIN is unblocked by the officer", "[pins][HW-03]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  token.count_tries("1");
  CHECK(code_of(sign_with(token.uri(), "13572468")) == Code::device_pin_wrong);
  auto pins = pins_of(token.uri());
  CHECK(pins->state().pin_tries == Tries::locked);
  CHECK(pins->state().puk_noun == "SO PIN");
  const int presented = token.pin_changes();
  CHECK(code_of(pins->change_pin(Secret(SoftToken::pin), new_pin)) == Code::device_pin_locked);
  CHECK(token.pin_changes() == presented);
  CHECK(code_of(sign_with(token.uri(), SoftToken::pin)) == Code::device_pin_locked);

  REQUIRE(pins->unblock_pin(Secret(SoftToken::so_pin), new_pin));
  CHECK(sign_with(token.uri(), "864209"));
}

TEST_CASE("a wrong SO PIN is not a wrong PIN, and is presented once", "[pins][HW-01]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  token.count_officer_tries("2");
  auto pins = pins_of(token.uri());
  CHECK(pins->state().puk_tries == Tries::low);
  const Secret wrong("13572468");
  const Status unblocked = pins->unblock_pin(wrong, new_pin);
  CHECK(code_of(unblocked) == Code::device_puk_wrong);
  CHECK(unblocked.error().message.contains("one try is left"));
  CHECK(code_of(pins->change_puk(wrong, new_pin)) == Code::device_puk_wrong);
  CHECK(token.logins(ck::user::security_officer) == 2);
  // Blocked: even the right one is not presented any more.
  CHECK(code_of(pins->unblock_pin(Secret(SoftToken::so_pin), new_pin)) == Code::device_puk_locked);
  CHECK(code_of(pins->change_puk(Secret(SoftToken::so_pin), new_pin)) == Code::device_puk_locked);
  CHECK(token.logins(ck::user::security_officer) == 2);
  CHECK(token.pin_changes() == 0);
  CHECK(sign_with(token.uri(), SoftToken::pin));
}

TEST_CASE("a changed SO PIN unblocks, the old one does not", "[pins]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  auto pins = pins_of(token.uri());
  const Secret next("24681357");
  REQUIRE(pins->change_puk(Secret(SoftToken::so_pin), next));
  CHECK(code_of(pins->unblock_pin(Secret(SoftToken::so_pin), new_pin)) == Code::device_puk_wrong);
  REQUIRE(pins->unblock_pin(next, new_pin));
  CHECK(sign_with(token.uri(), "864209"));
}

TEST_CASE("a new PIN that does not fit is refused before the old one is presented", "[pins]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  auto pins = pins_of(token.uri());
  CHECK(pins->state().min_pin_bytes == 4);  // SoftHSM's
  const Secret old_pin(SoftToken::pin);
  const Secret so_pin(SoftToken::so_pin);
  for (const char* pin : {"", "123"}) {
    CAPTURE(pin);
    CHECK(code_of(pins->change_pin(old_pin, Secret(pin))) == Code::device_pin_unfit);
    CHECK(code_of(pins->unblock_pin(so_pin, Secret(pin))) == Code::device_pin_unfit);
    CHECK(code_of(pins->change_puk(so_pin, Secret(pin))) == Code::device_pin_unfit);
  }
  CHECK(code_of(pins->change_pin(Secret(), new_pin)) == Code::device_pin_needed);
  CHECK(code_of(pins->unblock_pin(Secret(), new_pin)) == Code::device_pin_needed);
  CHECK(token.pin_changes() == 0);
  CHECK(token.logins(ck::user::security_officer) == 0);
  // What only the token knows, it says: that is not a wrong PIN.
  token.fault("weak-pin");
  CHECK(code_of(pins->change_pin(old_pin, new_pin)) == Code::device_pin_unfit);
}

TEST_CASE("another token in the slot gets no PIN to change", "[pins][HW-07]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  auto pins = pins_of(token.uri());
  token.fault("another-token");
  CHECK(code_of(pins->change_pin(Secret(SoftToken::pin), new_pin)) == Code::device_removed);
  CHECK(code_of(pins->unblock_pin(Secret(SoftToken::so_pin), new_pin)) == Code::device_removed);
  CHECK(token.pin_changes() == 0);
  CHECK(token.logins(ck::user::security_officer) == 0);
}

TEST_CASE("a token has no management key", "[pins]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  auto pins = pins_of(token.uri());
  CHECK_FALSE(pins->state().has_management_key);
  const Status changed = pins->change_management_key(Secret("00"), Secret("11"));
  CHECK(code_of(changed) == Code::device_unsupported);
  CHECK_FALSE(changed.error().hint.empty());
}

}  // namespace touchstone::hsm
