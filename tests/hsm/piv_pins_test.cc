// PINs, PUKs and management keys of PIV cards, against the emulated card in this process.
#include "hsm/piv_pins.h"

#include <catch2/catch.hpp>

#include "hsm/keys.h"
#include "tests/support/emulated_readers.h"

namespace touchstone::hsm {
namespace {

using test::EmulatedCard;
using test::EmulatedReaders;
using Control = std::vector<std::string>;

constexpr const char* pin = "123456";
constexpr const char* puk = "12345678";
constexpr const char* factory_hex = "010203040506070801020304050607080102030405060708";
constexpr const char* behind_pin = "management-key-behind-pin";
constexpr const char* new_hex = "00112233445566778899aabbccddeeff0123456789abcdef";
const std::string hex16(32, 'b');
const std::string hex32(64, 'c');

struct World {
  std::shared_ptr<EmulatedReaders> readers = std::make_shared<EmulatedReaders>();
  EmulatedCard& card;
  std::unique_ptr<PinManager> pins;

  explicit World(const Control& control = {}) : card(readers->add("R", control)) { open(); }

  KeyOptions options() const {
    KeyOptions options;
    options.readers = readers;
    return options;
  }
  void open() {
    auto opened = open_pin_manager("yubikey:", options());
    REQUIRE(opened);
    pins = *std::move(opened);
    (void)card.commands();
  }

  // Whether the card signs with this PIN.
  bool signs_with(std::string_view text) {
    card.obey("key 9c p256");
    const auto key = open_key("yubikey:9c", options());
    REQUIRE(key);
    return (*key)->unlock(Secret(text)) && (*key)->sign(Scheme::ecdsa_sha256, to_bytes("message"));
  }

  // Whether keys are made with this management key.
  bool makes_keys_with(std::string_view hex) {
    KeyOptions given = options();
    given.management_key_given = true;
    const auto manager = open_key_manager("yubikey:9a", given);
    REQUIRE(manager);
    return (*manager)->authorize(Secret(hex)) &&
           (*manager)->generate({crypto::KeyKind::p256, 0, {}}, Existing::replace);
  }

  // Whether keys are made with the one that the PIN leads to.
  bool makes_keys_behind_pin() {
    const auto manager = open_key_manager("yubikey:9a", options());
    REQUIRE(manager);
    return (*manager)->needed_for(Change::make_key) == Credential::pin &&
           (*manager)->authorize(Secret(pin)) &&
           (*manager)->generate({crypto::KeyKind::p256, 0, {}}, Existing::replace);
  }
};

Code code_of(const Status& status) {
  REQUIRE_FALSE(status);
  return status.error().code;
}

std::size_t count(const std::string& text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; ++at) ++found;
  return found;
}

}  // namespace

TEST_CASE("what guards a card is told without trying anything", "[piv-pins]") {
  World world({"tries 1"});
  const PinState& state = world.pins->state();
  CHECK(state.device == "YubiKey (serial 12345678)");
  CHECK(state.hardware);
  CHECK(state.pin_tries == KeyDescription::Tries::last);
  CHECK(state.puk_tries == KeyDescription::Tries::normal);
  CHECK(state.min_pin_bytes == 6);
  CHECK(state.max_pin_bytes == 8);
  CHECK(state.has_puk);
  CHECK(state.has_management_key);
  CHECK(state.factory_management_key);
  REQUIRE(state.warnings.size() == 3);
  CHECK(state.warnings[0].contains("the PIN of"));
  CHECK(state.warnings[1].contains("the PUK of"));
  CHECK(state.warnings[2].contains("the management key of"));
}

TEST_CASE("old firmware tells the PIN's tries alone, and no factory values", "[piv-pins]") {
  World world({"firmware 4.3.5", "tries 2"});
  CHECK(world.pins->state().pin_tries == KeyDescription::Tries::normal);
  CHECK(world.pins->state().puk_tries == KeyDescription::Tries::unknown);
  CHECK_FALSE(world.pins->state().factory_management_key);
  CHECK(world.pins->state().warnings.empty());
  CHECK(world.pins->change_pin(Secret(pin), Secret("654321")));
  CHECK(world.pins->change_puk(Secret(puk), Secret("87654321")));
}

TEST_CASE("PIN and PUK are changed", "[piv-pins]") {
  World world;
  REQUIRE(world.pins->change_pin(Secret(pin), Secret("12345678")));
  CHECK(world.card.commands().contains("CHANGE-REFERENCE"));
  REQUIRE(world.pins->state().warnings.size() == 2);  // the PIN is not the factory's any more
  CHECK_FALSE(world.signs_with(pin));
  CHECK(world.signs_with("12345678"));
  REQUIRE(world.pins->change_puk(Secret(puk), Secret("876543")));
  CHECK(world.pins->state().warnings.size() == 1);
  CHECK(code_of(world.pins->unblock_pin(Secret(puk), Secret("111111"))) == Code::device_puk_wrong);
  REQUIRE(world.pins->unblock_pin(Secret("876543"), Secret("111111")));
  CHECK(world.signs_with("111111"));
}

TEST_CASE("HW-01: a wrong PIN or PUK costs one try of it, and is told with what is left",
          "[piv-pins]") {
  World world;
  const auto wrong = world.pins->change_pin(Secret("000000"), Secret("654321"));
  CHECK(code_of(wrong) == Code::device_pin_wrong);
  CHECK(wrong.error().message.contains("2 tries are left"));
  CHECK_FALSE(wrong.error().message.contains("000000"));
  CHECK(count(world.card.commands(), "CHANGE-REFERENCE") == 1);
  CHECK(code_of(world.pins->change_pin(Secret("000000"), Secret("654321"))) ==
        Code::device_pin_wrong);
  world.open();
  CHECK(world.pins->state().pin_tries == KeyDescription::Tries::last);
  CHECK(code_of(world.pins->change_pin(Secret("000000"), Secret("654321"))) ==
        Code::device_pin_locked);

  const auto refused = world.pins->change_puk(Secret("00000000"), Secret("87654321"));
  CHECK(code_of(refused) == Code::device_puk_wrong);
  CHECK(refused.error().message.contains("2 tries are left"));
  CHECK(code_of(world.pins->unblock_pin(Secret("00000000"), Secret(pin))) ==
        Code::device_puk_wrong);
  REQUIRE(world.pins->unblock_pin(Secret(puk), Secret("654321")));
  CHECK(world.signs_with("654321"));
}

TEST_CASE("HW-03: what is blocked is not presented", "[piv-pins]") {
  World world({"tries 0"});
  CHECK(world.pins->state().pin_tries == KeyDescription::Tries::locked);
  CHECK(code_of(world.pins->change_pin(Secret(pin), Secret("654321"))) == Code::device_pin_locked);
  CHECK(count(world.card.commands(), "CHANGE-REFERENCE") == 0);
  for (int i = 0; i < 2; ++i) {
    CHECK(code_of(world.pins->change_puk(Secret("00000000"), Secret("87654321"))) ==
          Code::device_puk_wrong);
  }
  CHECK(code_of(world.pins->unblock_pin(Secret("00000000"), Secret(pin))) ==
        Code::device_puk_locked);
  (void)world.card.commands();
  CHECK(code_of(world.pins->unblock_pin(Secret(puk), Secret(pin))) == Code::device_puk_locked);
  CHECK(code_of(world.pins->change_puk(Secret(puk), Secret("87654321"))) ==
        Code::device_puk_locked);
  const std::string commands = world.card.commands();
  CHECK(count(commands, "CHANGE-REFERENCE") + count(commands, "RESET-RETRY-COUNTER") == 0);
}

TEST_CASE("what cannot fit is not sent", "[piv-pins]") {
  struct Row {
    const char* why;
    std::string current;
    std::string next;
    Code code;
  };
  const auto row = GENERATE(values<Row>({
      {"the new one too short", "123456", "12345", Code::device_pin_unfit},
      {"too long", "123456", "123456789", Code::device_pin_unfit},
      {"empty", "123456", "", Code::device_pin_unfit},
      {"padding", "123456", "12345\xFF", Code::device_pin_unfit},
      {"a NUL", "123456", std::string("12345\0", 6), Code::device_pin_unfit},
      {"the current one too short", "12345", "654321", Code::device_pin_unusable},
      {"too long", "123456789", "654321", Code::device_pin_unusable},
  }));
  CAPTURE(row.why);
  World world;
  CHECK(code_of(world.pins->change_pin(Secret(row.current), Secret(row.next))) == row.code);
  CHECK(code_of(world.pins->unblock_pin(Secret(row.current), Secret(row.next))) == row.code);
  CHECK(code_of(world.pins->change_puk(Secret(row.current), Secret(row.next))) == row.code);
  CHECK(world.card.commands().empty());
}

TEST_CASE("the card's other answers are told as what they are", "[piv-pins]") {
  struct Row {
    const char* fault;
    Code code;
  };
  const auto row = GENERATE(values<Row>({
      {"answer 24 6a80", Code::device_pin_unfit},
      {"answer 24 6f00", Code::device_failed},
      {"answer 24 6983", Code::device_pin_locked},
      {"serial 5", Code::device_removed},
  }));
  CAPTURE(row.fault);
  World world;
  world.card.obey(row.fault);
  CHECK(code_of(world.pins->change_pin(Secret(pin), Secret("654321"))) == row.code);
  const bool sent = std::string_view(row.fault).starts_with("answer");
  CHECK(world.card.commands().contains("CHANGE-REFERENCE") == sent);
}

TEST_CASE("HW-04: a card that goes at any command of a change", "[piv-pins]") {
  bool finished = false;
  std::size_t half_done = 0;
  for (int command = 1; !finished && command < 40; ++command) {
    CAPTURE(command);
    World world;
    world.card.obey("remove-at " + std::to_string(command));
    const auto done = world.pins->change_management_key(Secret(), Secret(new_hex));
    if (done) break;
    CHECK((code_of(done) == Code::device_removed || code_of(done) == Code::device_half_done));
    if (code_of(done) == Code::device_half_done) ++half_done;
    const bool sent = world.card.commands().contains("SET-MANAGEMENT-KEY");
    CHECK(sent == (code_of(done) == Code::device_half_done));
    world.card.card.insert();
    if (world.makes_keys_with(new_hex)) CHECK(code_of(done) == Code::device_half_done);
  }
  CHECK(half_done >= 2);
}

TEST_CASE("the management key is changed, and guards from then on", "[piv-pins]") {
  struct Row {
    const char* why;
    Control control;
    std::string current;
    std::string next;
  };
  const auto row = GENERATE(values<Row>({
      {"the factory's, not given", {}, "", new_hex},
      {"the factory's, given", {}, factory_hex, new_hex},
      {"to AES-128", {}, "", hex16},
      {"to AES-256", {}, "", hex32},
      {"AES-192 on 5.7", {"firmware 5.7.1"}, "", new_hex},
      {"one's own", {"management-key aes256 " + hex32}, hex32, hex16},
      {"back to 24 bytes of AES", {"management-key aes256 " + hex32}, hex32, new_hex},
      {"old firmware", {"firmware 4.3.5"}, factory_hex, new_hex},
  }));
  CAPTURE(row.why);
  World world(row.control);
  REQUIRE(world.pins->change_management_key(Secret(row.current), Secret(row.next)));
  CHECK_FALSE(world.pins->state().factory_management_key);
  CHECK(world.makes_keys_with(row.next));
  CHECK_FALSE(world.makes_keys_with(factory_hex));
}

TEST_CASE("24 bytes are what the card's key was: Triple DES, or AES-192", "[piv-pins]") {
  struct Row {
    const char* firmware;
    const char* logged;  // P1 of the proof with the new key
  };
  const auto row = GENERATE(values<Row>({{"5.4.3", "0087039b"}, {"5.7.1", "00870a9b"}}));
  CAPTURE(row.firmware);
  World world({std::string("firmware ") + row.firmware});
  REQUIRE(world.pins->change_management_key(Secret(), Secret(new_hex)));
  bool proved = false;
  bool after = false;
  for (const std::string& line : world.card.log) {
    after = after || line.starts_with("SET-MANAGEMENT-KEY");
    if (after && line.starts_with("PROVE-MANAGEMENT-KEY ")) proved = line.contains(row.logged);
  }
  CHECK(proved);
}

TEST_CASE("a management key that is wrong or weak changes nothing", "[piv-pins]") {
  struct Row {
    const char* why;
    Control control;
    std::string current;
    std::string next;
    Code code;
  };
  const std::string mine = std::string("management-key 3des ") + new_hex;
  const std::string other = "ffeeddccbbaa99887766554433221100aabbccddeeff0011";
  const auto row = GENERATE_COPY(values<Row>({
      {"the current one wrong", {mine}, factory_hex, other, Code::device_management_key},
      {"the current one not given", {mine}, "", other, Code::device_management_key},
      {"the current one no hex", {mine}, "x", other, Code::device_management_key},
      {"the new one no hex", {}, "", "new", Code::device_management_key},
      {"the new one of 20 bytes", {}, "", std::string(40, 'a'), Code::device_management_key},
      {"the factory's again", {mine}, new_hex, factory_hex, Code::device_pin_unfit},
      {"Triple DES that is DES",
       {},
       "",
       "1111111111111111111111111111111122222222222222aa",
       Code::device_pin_unfit},
      {"Triple DES that is DES, the other way",
       {},
       "",
       "22222222222222aa11111111111111111111111111111111",
       Code::device_pin_unfit},
      {"AES on old firmware", {"firmware 5.2.4"}, factory_hex, hex32, Code::device_unsupported},
      {"one behind the PIN",
       {mine, "management-key-behind-pin"},
       new_hex,
       other,
       Code::device_pin_needed},
      {"the card does not take it", {"answer ff 6a80"}, "", new_hex, Code::device_pin_unfit},
      {"the card fails", {"answer ff 6f00"}, "", new_hex, Code::device_failed},
      {"the card does not do what it says",
       {"lie management-key"},
       "",
       new_hex,
       Code::device_half_done},
  }));
  CAPTURE(row.why);
  World world(row.control);
  const bool reaches_card = row.code == Code::device_half_done || row.code == Code::device_failed ||
                            std::string_view(row.why).contains("does not take");
  CHECK(code_of(world.pins->change_management_key(Secret(row.current), Secret(row.next))) ==
        row.code);
  CHECK(world.card.commands().contains("SET-MANAGEMENT-KEY") == reaches_card);
}

TEST_CASE("what the factory set need not be given, and cannot be chosen again", "[piv-pins]") {
  World world;
  CHECK(world.pins->state().factory_pin);
  CHECK(world.pins->state().factory_puk);
  CHECK(code_of(world.pins->change_pin(Secret(), Secret(pin))) == Code::device_pin_unfit);
  CHECK(code_of(world.pins->change_puk(Secret(), Secret(puk))) == Code::device_pin_unfit);
  CHECK(world.card.commands().empty());
  REQUIRE(world.pins->change_pin(Secret(), Secret("271828")));
  REQUIRE(world.pins->change_puk(Secret(), Secret("31415926")));
  CHECK_FALSE(world.pins->state().factory_pin);
  CHECK_FALSE(world.pins->state().factory_puk);
  CHECK(world.signs_with("271828"));
  CHECK(code_of(world.pins->change_pin(Secret(), Secret("654321"))) == Code::device_pin_unusable);
  CHECK(code_of(world.pins->change_puk(Secret(), Secret("654321"))) == Code::device_pin_unusable);
}

TEST_CASE("a management key behind the PIN is had with it", "[piv-pins]") {
  const auto row = GENERATE(values<Control>(
      {{}, {"firmware 5.7.1"}, {std::string("management-key aes256 ") + std::string(64, 'c')}}));
  const bool factory = row.empty() || row[0].starts_with("firmware");
  World world(row);
  const Secret current(factory ? std::string() : hex32);
  REQUIRE(world.pins->protect_management_key(current, Secret(), Secret(pin)));
  CHECK_FALSE(world.pins->state().factory_management_key);
  CHECK_FALSE(world.makes_keys_with(factory_hex));
  const auto manager = open_key_manager("yubikey:9a", world.options());
  REQUIRE(manager);
  REQUIRE((*manager)->needed_for(Change::make_key) == Credential::pin);
  REQUIRE((*manager)->authorize(Secret(pin)));
  CHECK((*manager)->generate({crypto::KeyKind::p256, 0, {}}, Existing::replace));
}

TEST_CASE("what stops a management key from going behind the PIN leaves the old one",
          "[piv-pins]") {
  struct Row {
    const char* why;
    Control control;
    std::string current;
    std::string typed;
    Code code;
  };
  const std::string mine = std::string("management-key 3des ") + new_hex;
  const auto row = GENERATE_COPY(values<Row>({
      {"a wrong PIN", {}, "", "000000", Code::device_pin_wrong},
      {"a blocked one", {"tries 0"}, "", pin, Code::device_pin_locked},
      {"the current key not given", {mine}, "", pin, Code::device_management_key},
      {"the current key wrong", {mine}, factory_hex, pin, Code::device_management_key},
      {"a card that keeps nothing", {"lie stored"}, "", pin, Code::device_failed},
      {"a card that takes no data", {"answer db 6f00"}, "", pin, Code::device_failed},
      {"a card that does not take the key", {"answer ff 6f00"}, "", pin, Code::device_failed},
      {"other data behind the PIN", {"object 5fc109 0102"}, "", pin, Code::device_unsupported},
      {"other data of the tools", {"object 5fff00 0102"}, "", pin, Code::device_unsupported},
  }));
  CAPTURE(row.why);
  World world(row.control);
  CHECK(code_of(world.pins->protect_management_key(Secret(row.current), Secret(),
                                                   Secret(row.typed))) == row.code);
  CHECK(world.makes_keys_with(row.control == Control{mine} ? new_hex : factory_hex));
  // Nor is it said to lie there.
  world.open();
  const auto manager = open_key_manager("yubikey:9a", world.options());
  REQUIRE(manager);
  CHECK((*manager)->needed_for(Change::make_key) != Credential::pin);
}

TEST_CASE("HW-04: a card that goes while its management key goes behind the PIN", "[piv-pins]") {
  bool finished = false;
  for (int command = 1; !finished && command < 60; ++command) {
    CAPTURE(command);
    World world;
    world.card.obey("remove-at " + std::to_string(command));
    finished =
        static_cast<bool>(world.pins->protect_management_key(Secret(), Secret(), Secret(pin)));
    world.card.obey("remove-at 1000");
    world.card.card.insert();
    // Whenever it went: the factory's key is still the card's, or the PIN leads to the new one.
    const auto manager = open_key_manager("yubikey:9a", world.options());
    REQUIRE(manager);
    if ((*manager)->needed_for(Change::make_key) == Credential::pin) {
      REQUIRE((*manager)->authorize(Secret(pin)));
    }
    CHECK((*manager)->generate({crypto::KeyKind::p256, 0, {}}, Existing::replace));
  }
  CHECK(finished);
}

namespace {

// A card that keeps its management key behind the PIN; `key` as for the emulated card's control.
Control kept(const std::string& key) { return {"management-key " + key, behind_pin}; }

}  // namespace

TEST_CASE("a management key behind the PIN is changed, and stays there", "[piv-pins]") {
  struct Row {
    const char* why;
    Control control;
    std::string current;
    std::string next;  // empty: at random
  };
  const std::string mine = std::string("3des ") + new_hex;
  const std::string other = "ffeeddccbbaa99887766554433221100aabbccddeeff0011";
  const auto row = GENERATE_COPY(values<Row>({
      {"Triple DES, at random", kept(mine), "", ""},
      {"Triple DES, given", kept(mine), "", other},
      {"the old one given as well", kept(mine), new_hex, other},
      {"AES-192 on 5.7",
       {"firmware 5.7.1", std::string("management-key aes192 ") + new_hex, behind_pin},
       "",
       ""},
      {"AES-256, at random", kept("aes256 " + hex32), "", ""},
      {"AES-256 to AES-128", kept("aes256 " + hex32), "", hex16},
      {"Triple DES to AES-256", kept(mine), "", hex32},
      {"old firmware", {"firmware 4.3.5", "management-key " + mine, behind_pin}, "", other},
      {"the factory's", {behind_pin}, "", other},
      {"one that lies there wrongly", {behind_pin, "management-key " + mine}, new_hex, other},
  }));
  CAPTURE(row.why);
  World world(row.control);
  CHECK(world.pins->state().management_key_behind_pin);
  REQUIRE(world.pins->protect_management_key(Secret(row.current), Secret(row.next), Secret(pin)));
  const std::string commands = world.card.commands();
  CHECK(count(commands, "VERIFY") == 1);
  CHECK(count(commands, "SET-MANAGEMENT-KEY") == 1);
  CHECK(world.pins->state().management_key_behind_pin);
  CHECK_FALSE(world.makes_keys_with(factory_hex));
  CHECK_FALSE(world.makes_keys_with(new_hex));
  if (!row.next.empty()) CHECK(world.makes_keys_with(row.next));
  CHECK(world.makes_keys_behind_pin());
  // The old one does not lie there any more.
  for (const std::string& old : row.control) {
    if (old.starts_with("management-key ")) {
      world.card.obey(old);
      CHECK_FALSE(world.makes_keys_behind_pin());
    }
  }
}

TEST_CASE("what stops the change of a management key behind the PIN leaves the old one there",
          "[piv-pins]") {
  struct Row {
    const char* why;
    Control fault;
    std::string next;
    std::string typed;
    Code code;
  };
  const auto row = GENERATE(values<Row>({
      {"a wrong PIN", {}, "", "000000", Code::device_pin_wrong},
      {"one that is too short", {}, "", "0000", Code::device_pin_unusable},
      {"none", {}, "", "", Code::device_pin_unusable},
      {"a blocked one", {"tries 0"}, "", pin, Code::device_pin_locked},
      {"no hex", {}, "new", pin, Code::device_management_key},
      {"the factory's", {}, factory_hex, pin, Code::device_pin_unfit},
      {"a card that keeps nothing", {"lie stored"}, "", pin, Code::device_failed},
      {"a card that takes no data", {"answer db 6f00"}, "", pin, Code::device_failed},
      {"a card that does not take the key", {"answer ff 6a80"}, "", pin, Code::device_pin_unfit},
      {"a card that fails", {"answer ff 6f00"}, "", pin, Code::device_failed},
      {"a card that does not do what it says",
       {"lie management-key"},
       "",
       pin,
       Code::device_half_done},
  }));
  const std::string key = GENERATE(
      values<std::string>({std::string("3des ") + new_hex, "aes256 " + std::string(64, 'c')}));
  CAPTURE(row.why, key);
  World world(kept(key));
  for (const std::string& line : row.fault) world.card.obey(line);
  CHECK(code_of(world.pins->protect_management_key(Secret(), Secret(row.next),
                                                   Secret(row.typed))) == row.code);
  CHECK(count(world.card.commands(), "VERIFY") <= 1);
  world.card.obey("honest");
  world.card.obey("tries 3");
  CHECK(world.makes_keys_behind_pin());
  CHECK(world.makes_keys_with(key.substr(key.find(' ') + 1)));
}

TEST_CASE("HW-04: a card that goes while the management key behind its PIN changes", "[piv-pins]") {
  struct Row {
    const char* why;
    std::string before;
    std::string next;
  };
  const auto row = GENERATE(values<Row>({
      {"Triple DES", std::string("3des ") + new_hex, ""},
      {"AES-256", "aes256 " + std::string(64, 'c'), ""},
      {"Triple DES to AES-128", std::string("3des ") + new_hex, std::string(32, 'b')},
  }));
  CAPTURE(row.why);
  bool finished = false;
  std::size_t between = 0;
  for (int command = 1; !finished && command < 60; ++command) {
    CAPTURE(command);
    World world(kept(row.before));
    world.card.obey("remove-at " + std::to_string(command));
    const auto done = world.pins->protect_management_key(Secret(), Secret(row.next), Secret(pin));
    const std::string sent = world.card.commands();
    finished = static_cast<bool>(done);
    if (!finished) {
      CHECK((code_of(done) == Code::device_removed || code_of(done) == Code::device_half_done));
    }
    if (!finished && count(sent, "PUT-DATA") == 2 && !sent.contains("SET-MANAGEMENT-KEY")) {
      ++between;
    }
    world.card.obey("remove-at 1000");
    world.card.card.insert();
    // Whenever it went, the PIN leads to the key that the card has, and so does it to another one.
    CHECK(world.makes_keys_behind_pin());
    world.open();
    REQUIRE(world.pins->protect_management_key(Secret(), Secret(), Secret(pin)));
    CHECK(world.makes_keys_behind_pin());
    CHECK_FALSE(world.makes_keys_with(row.before.substr(row.before.find(' ') + 1)));
  }
  CHECK(finished);
  CHECK(between >= 1);
}

TEST_CASE("two management keys that a change leaves behind the PIN are told", "[piv-pins]") {
  World world(kept(std::string("3des ") + new_hex));
  // The third object that is written: the keys, the mark, the new key alone.
  world.card.obey("answer db 6f00 1 2");
  const auto done = world.pins->protect_management_key(Secret(), Secret(hex16), Secret(pin));
  CHECK(code_of(done) == Code::device_half_done);
  CHECK(done.error().message.contains("two management keys"));
  CHECK(world.makes_keys_with(hex16));
  CHECK(world.makes_keys_behind_pin());
}

TEST_CASE("the PIN is open to nobody after a change", "[piv-pins]") {
  World world;
  REQUIRE(world.pins->change_pin(Secret(pin), Secret("654321")));
  world.pins.reset();
  CHECK(world.card.commands().ends_with("reset"));
}

}  // namespace touchstone::hsm
