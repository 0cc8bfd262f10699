// Keys of PIV cards made, brought in and removed, against the emulated card in this process. The
// same by whole commands, through the real libykpiv and pcscd: tests/cli/yubikey.
#include "hsm/piv_manager.h"

#include <catch2/catch.hpp>

#include "base/encoding.h"
#include "hsm/keys.h"
#include "hsm/piv_data.h"
#include "hsm/piv_device.h"
#include "tests/support/emulated_readers.h"

namespace touchstone::hsm {
namespace {

using crypto::KeyKind;
using crypto::PrivateKey;
using test::EmulatedCard;
using test::EmulatedReaders;
using Control = std::vector<std::string>;

constexpr std::string_view other_hex = "00112233445566778899aabbccddeeff0123456789abcdef";
const Bytes message = to_bytes("message");
// A key for this test alone.
constexpr std::string_view rsa_65539_pem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDZOH9zObbN4OGE\n"
    "VPbHwpZJfFKjyLkwkNjIrGWpoks5R6aGMSqkUgL4hGkLsO+rBv9wI4geMoTpvH9Y\n"
    "Dut9Sh8GYQgGMkBaQPNGD1Hcu+xbTA8uFvzddhY4wbIshbd0adVYJa2xnO30Nb5G\n"
    "LQgUzCJvQUc73rmjOQT1nD0ThcqJTVgMRuuqvCOqqmH5O07H2aRUOUQjnyQRcgOu\n"
    "TzlX/11Zm3qMSm+zAATWq0ZnXQAWQctUrROVLBlPEgDn9cxBU927WNDOM6hz4kZ7\n"
    "hUbdtp1JLUeoRffZ6S4Vwz69CrLsJ8XiEc6WdJn8Tx2gLPUryg1u/J11uDKSfxQ3\n"
    "Uau1fIslAgMBAAMCggEAEBw/KTGWgPIQy8L887qMv2WNHXP5FlWfP0aBh8gM7aUO\n"
    "Q+2mQXS7z7S8/1G91W0Y10nwyPEC5iBTbfDzdvTEPkekBi+UFKVuytAe8TsRdtIX\n"
    "8vKGIieNb8XYckGFJoAs/Q52PldpZN501Sx0AdTdeDmGCLfrC4DGYpdShrTads73\n"
    "yxGRuizzXekknKj80yi7mYxs+ulbvh/huIRMoTNaNXRyEH9gM1MKRSLWFi2YEhA0\n"
    "8VQS7/8PBLA2Ebm5NHXwFwQdBc2wDUljF6fWO7Bb2fhKvlSlEyDXPByK+Wa/hmgm\n"
    "xsSfpIBVJIwvLSG9/cPuI09R42TVsSHum69RPzEuywKBgQD+tNzeXOhm7A+3Y9g/\n"
    "0seIBOHRdBO6IAcZRh/VLyoy28iDM2Oy1suJoY3dU9aPdUhHUdjqKpZdFCsUBM9W\n"
    "2H3CrgRFvThlv3ZEe4miEljlde2EEiY+nzFN2GwEnIXZ/kI0Q9+tYS4BNwN9s3WR\n"
    "Yh8duMnJI8+2ydtW30M8GlcWIQKBgQDaUuaZZ10O7iz++jNQJwBHYNrHdMQSQWml\n"
    "jMBEnr2pBdUM3tDsa7pIFLQ1d1Yc2BhAvr+7LF2rziGTbVM7TEnGy1GQVq+HGblk\n"
    "FpjsKRjBV5825xDvEI4a2cY7e0tWHDfp2XLLTVtrMsigKkUA6AWhzJHS0EF4f3+L\n"
    "SQM3GaSMhQKBgEwSNLkz6DX045sFWyiOhLjL+uZUTl9uLpQ6uxXFAvWD0Enu3Xxz\n"
    "vhNzLDuUNZrcIPAaW9BtIv2H634KLabRWKu5Yk6FZmYAi1s2LCsJpbwnkmf5C80U\n"
    "uMWr0M+2KL/vtwrjHQc7rsCEotcEspFCcK/Yf4s6tnveuoy0rMDPQ5DrAoGAIWss\n"
    "axZBS/Uxo7MBodAS6rRjYD4PCV5HQTG4GVjAng26Y7kwb59utZyKgE+zj2+l53d8\n"
    "kwEhk1fjvBYX61v7dyvaCLoqz/3QF5Hu0toR6+LWBrVqx1gCuLQL7BcrUrx5ma8s\n"
    "NPpIf59XN/7Qc6Ipdjgd6huCsxnrCGEkCpMdJusCgYEAy75PXUqpzyslE5scO3gQ\n"
    "i9TMLTDYtcJOfq69WYQ0g1eqL+UyhPgR559uJwhE6zG7KoOKePZrxqKiPiMMnSuq\n"
    "LKea0F1AH9YVQmrQQjrlWXojxbBO1ilsXsFm5HwUcEH5AEuZtyWbk0ONT6KXPEUH\n"
    "iGqGVW8oz7kC4akRVg4Omc4=\n"
    "-----END PRIVATE KEY-----\n";

struct World {
  std::shared_ptr<EmulatedReaders> readers = std::make_shared<EmulatedReaders>();
  std::string name = "yubikey:9c";
  EmulatedCard& card;

  explicit World(const Control& control = {}, std::string key = "yubikey:9c")
      : name(std::move(key)), card(readers->add("Yubico YubiKey 00 00", control)) {}

  KeyOptions options(bool given = false) const {
    KeyOptions options;
    options.readers = readers;
    options.management_key_given = given;
    return options;
  }

  std::unique_ptr<KeyManager> manager(bool given = false) const {
    auto opened = open_key_manager(name, options(given));
    REQUIRE(opened);
    return *std::move(opened);
  }

  // What a fresh look tells of the slot.
  Holding holding() const {
    auto told = manager()->holding();
    REQUIRE(told);
    return *std::move(told);
  }

  Result<Bytes> sign(std::string_view pin = "123456") const {
    TS_TRY(const auto key, open_key(name, options()));
    TS_CHECK(key->unlock(Secret(pin)));
    const auto parsed = crypto::PublicKey::from_der(*key->public_key());
    return key->sign(parsed->signing_scheme(), message);
  }
};

KeySpec spec(KeyKind kind, PinPolicy pin = PinPolicy::unspecified,
             TouchPolicy touch = TouchPolicy::unknown) {
  return {kind, kind == KeyKind::rsa ? 2048 : 0, {pin, touch}};
}

template <class T>
Code code_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

bool contains(const Holding& holding, std::string_view what) {
  for (const std::string& thing : holding.things) {
    if (thing.contains(what)) return true;
  }
  return false;
}

Bytes certificate_of(const World& world) {
  // A certificate that the card has made for the key which is there.
  world.card.obey("certificate 9c test");
  const auto holding = world.holding();
  REQUIRE(holding.certificate);
  return *holding.certificate;
}

}  // namespace

TEST_CASE("a key is made in a slot, with its policies, and signs", "[piv-manager]") {
  struct Row {
    const char* why;
    std::string firmware;
    KeySpec wanted;
    std::string kind;
  };
  const auto row = GENERATE(values<Row>({
      {"P-256", "5.4.3", spec(KeyKind::p256), "ECDSA P-256"},
      {"P-384 with policies", "5.4.3", spec(KeyKind::p384, PinPolicy::once, TouchPolicy::always),
       "ECDSA P-384"},
      {"RSA, in several pieces", "5.4.3", spec(KeyKind::rsa, PinPolicy::always), "RSA-2048"},
      {"Ed25519 and an AES management key", "5.7.1", spec(KeyKind::ed25519), "Ed25519"},
      {"no PIN and no touch: it signs at once", "5.4.3",
       spec(KeyKind::p256, PinPolicy::never, TouchPolicy::never), "ECDSA P-256"},
  }));
  CAPTURE(row.why);
  World world({"firmware " + row.firmware});
  const auto manager = world.manager();
  CHECK(manager->needed_for(Change::make_key) == Credential::none);
  CHECK(manager->place().device == "YubiKey (serial 12345678)");
  CHECK(manager->place().factory_values);
  REQUIRE(manager->place().warnings.size() == 3);
  CHECK(manager->place().warnings[2].contains("management key"));

  const auto made = manager->generate(row.wanted, Existing::refuse);

  REQUIRE(made);
  CHECK(made->name == "yubikey:serial=12345678;slot=9c");
  CHECK(made->public_key.kind_name() == row.kind);
  const auto key = open_key(world.name, world.options());
  REQUIRE(key);
  CHECK((*key)->describe().public_key == made->public_key.der());
  const PinPolicy pin = row.wanted.policies.pin;
  CHECK((*key)->describe().needs_pin == (pin != PinPolicy::never));
  CHECK((*key)->describe().pin_for_each_signature ==
        (pin == PinPolicy::always || pin == PinPolicy::unspecified));
  CHECK((*key)->describe().touch == (row.wanted.policies.touch == TouchPolicy::always
                                         ? TouchPolicy::always
                                         : TouchPolicy::never));
  const auto signature = world.sign();
  REQUIRE(signature);
  CHECK(made->public_key.verify(made->public_key.signing_scheme(), message, *signature));
}

TEST_CASE("the commands of making a key, and nothing left unlocked", "[piv-manager]") {
  World world;
  const auto manager = world.manager();
  (void)world.card.commands();
  REQUIRE(manager->generate(spec(KeyKind::p256), Existing::refuse));
  CHECK(world.card.commands() ==
        "SELECT GET-SERIAL GET-METADATA GET-METADATA GET-DATA PROVE-MANAGEMENT-KEY "
        "PROVE-MANAGEMENT-KEY GENERATE GET-METADATA GET-METADATA SELECT");
}

TEST_CASE("what is there is replaced only when told to, and its certificate goes",
          "[piv-manager]") {
  World world({"key 9c p256", "certificate 9c old"});
  const auto old = world.holding();
  REQUIRE(old.public_key);
  CHECK(old.things.size() == 2);
  CHECK(contains(old, "key in slot 9c (ECDSA P-256, " + old.public_key->fingerprint()));
  CHECK(contains(old, "certificate in slot 9c (CN=old)"));
  const auto manager = world.manager();

  (void)world.card.commands();
  CHECK(code_of(manager->generate(spec(KeyKind::p384), Existing::refuse)) ==
        Code::device_key_exists);
  const auto brought = PrivateKey::generate(KeyKind::p256);
  CHECK(code_of(manager->import_key(brought, {}, Existing::refuse)) == Code::device_key_exists);
  CHECK_FALSE(world.card.commands().contains("PROVE"));
  CHECK(world.holding().public_key == old.public_key);

  const auto made = manager->generate(spec(KeyKind::p384), Existing::replace);
  REQUIRE(made);
  CHECK(world.holding().public_key == made->public_key);
  CHECK_FALSE(world.holding().certificate);
  CHECK(world.holding().things.size() == 1);
}

TEST_CASE("a certificate alone is not overwritten either", "[piv-manager]") {
  World world({"firmware 5.7.1", "key 9c p256", "certificate 9c alone"});
  REQUIRE(world.manager()->remove());
  CHECK(world.holding().things.empty());
  world.card.obey("key 9c p256");
  world.card.obey("compressed-certificate 9c small");
  CHECK(contains(world.holding(), "compressed"));
  CHECK_FALSE(world.holding().certificate);
}

TEST_CASE("HW-07: the key that was shown is the key that is replaced", "[piv-manager]") {
  World world({"key 9c p256"});
  const auto manager = world.manager();
  REQUIRE(manager->holding());
  SECTION("another key since") { world.card.obey("key 9c p256"); }
  SECTION("another card since") { world.card.obey("serial 87654321"); }
  (void)world.card.commands();
  const auto refused = manager->generate(spec(KeyKind::p256), Existing::replace);
  CHECK((code_of(refused) == Code::device_failed || code_of(refused) == Code::device_removed));
  CHECK_FALSE(world.card.commands().contains("GENERATE"));
}

TEST_CASE("private keys are brought in, and sign", "[piv-manager]") {
  struct Row {
    KeyKind kind;
    std::string firmware;
  };
  const auto row = GENERATE(values<Row>({{KeyKind::p256, "5.4.3"},
                                         {KeyKind::p384, "5.4.3"},
                                         {KeyKind::rsa, "5.4.3"},
                                         {KeyKind::ed25519, "5.7.1"}}));
  World world({"firmware " + row.firmware});
  const auto key = PrivateKey::generate(row.kind);
  CAPTURE(key.public_key().kind_name());

  const auto made =
      world.manager()->import_key(key, {PinPolicy::once, TouchPolicy::never}, Existing::refuse);

  REQUIRE(made);
  CHECK(made->public_key == key.public_key());
  CHECK(world.holding().public_key == key.public_key());
  const auto signature = world.sign();
  REQUIRE(signature);
  CHECK(key.public_key().verify(key.public_key().signing_scheme(), message, *signature));
}

TEST_CASE("what a card cannot do changes nothing", "[piv-manager]") {
  struct Row {
    const char* why;
    Control control;
    KeySpec wanted;
    Code code;
  };
  const auto row = GENERATE(values<Row>({
      {"P-521", {}, spec(KeyKind::p521), Code::device_unsupported},
      {"RSA-4096 before 5.7", {}, {KeyKind::rsa, 4096, {}}, Code::device_unsupported},
      {"Ed25519 before 5.7", {}, spec(KeyKind::ed25519), Code::device_unsupported},
      {"a cached touch before 4.3",
       {"firmware 4.2.4"},
       spec(KeyKind::p256, PinPolicy::unspecified, TouchPolicy::cached),
       Code::device_unsupported},
      {"a PIN policy before 4.0",
       {"firmware 3.4.9"},
       spec(KeyKind::p256, PinPolicy::once),
       Code::device_unsupported},
      {"RSA keys that can be factored",
       {"firmware 4.3.4"},
       spec(KeyKind::rsa),
       Code::device_firmware},
      {"the card says no", {"answer 47 6a80"}, spec(KeyKind::p256), Code::device_unsupported},
      {"the card fails", {"answer 47 6f00"}, spec(KeyKind::p256), Code::device_failed},
  }));
  CAPTURE(row.why);
  World world(row.control);
  world.card.obey("key 9c p256");
  world.card.obey("certificate 9c own");  // old firmware tells of the key by nothing else
  const auto before = world.holding();
  REQUIRE(before.public_key);
  // The management keys of old cards are not told: it is the factory's there too.
  const auto manager = world.manager(true);
  REQUIRE(manager->authorize(Secret("010203040506070801020304050607080102030405060708")));
  CHECK(code_of(manager->generate(row.wanted, Existing::replace)) == row.code);
  CHECK(world.holding().public_key == before.public_key);
  CHECK(world.holding().certificate == before.certificate);
  CHECK(world.sign());
}

TEST_CASE("the management key: which one is wanted, and what is refused", "[piv-manager]") {
  struct Row {
    const char* why;
    Control control;
    bool given;
    Credential wanted;
    std::string credential;
    bool good;
    Code code;
  };
  const std::string mine = "management-key 3des " + std::string(other_hex);
  const std::string factory = "010203040506070801020304050607080102030405060708";
  const std::string long_key(64, 'a');
  const auto row = GENERATE_COPY(values<Row>({
      {"the factory's", {}, false, Credential::none, "", true, {}},
      {"the factory's, given", {}, true, Credential::management_key, factory, true, {}},
      {"one's own", {mine}, true, Credential::management_key, std::string(other_hex), true, {}},
      {"in upper case",
       {mine},
       true,
       Credential::management_key,
       "00112233445566778899AABBCCDDEEFF0123456789ABCDEF",
       true,
       {}},
      {"AES-256, told by the card",
       {"management-key aes256 " + long_key},
       false,
       Credential::management_key,
       long_key,
       true,
       {}},
      {"behind the PIN",
       {mine, "management-key-behind-pin"},
       false,
       Credential::pin,
       "123456",
       true,
       {}},
      {"behind the PIN, and given",
       {mine, "management-key-behind-pin"},
       true,
       Credential::management_key,
       std::string(other_hex),
       true,
       {}},
      {"a wrong one",
       {mine},
       false,
       Credential::management_key,
       factory,
       false,
       Code::device_management_key},
      {"the old one given",
       {mine},
       true,
       Credential::management_key,
       factory,
       false,
       Code::device_management_key},
      {"too short",
       {mine},
       true,
       Credential::management_key,
       "00",
       false,
       Code::device_management_key},
      {"not hex",
       {mine},
       true,
       Credential::management_key,
       std::string(48, 'g'),
       false,
       Code::device_management_key},
      {"of another cipher's length",
       {mine},
       true,
       Credential::management_key,
       long_key,
       false,
       Code::device_management_key},
      {"a wrong PIN",
       {mine, "management-key-behind-pin"},
       false,
       Credential::pin,
       "000000",
       false,
       Code::device_pin_wrong},
      {"a blocked PIN",
       {mine, "management-key-behind-pin", "tries 0"},
       false,
       Credential::pin,
       "123456",
       false,
       Code::device_pin_locked},
      {"behind the PIN lies a wrong one",
       {"management-key-behind-pin", mine},
       false,
       Credential::pin,
       "123456",
       false,
       Code::device_management_key},
      {"old firmware tells nothing, and gets Triple DES",
       {"firmware 4.3.5"},
       false,
       Credential::management_key,
       factory,
       true,
       {}},
  }));
  CAPTURE(row.why);
  World world(row.control);
  const auto manager = world.manager(row.given);
  CHECK(manager->needed_for(Change::make_key) == row.wanted);
  (void)world.card.commands();
  const auto authorized =
      row.wanted == Credential::none ? ok() : manager->authorize(Secret(row.credential));
  CHECK(static_cast<bool>(authorized) == row.good);
  if (!row.good) {
    CHECK(code_of(authorized) == row.code);
    // Nothing is tried a second time, nor without what was refused.
    CHECK_FALSE(manager->generate(spec(KeyKind::p256), Existing::replace));
  } else {
    CHECK(manager->generate(spec(KeyKind::p256), Existing::replace));
  }
  const std::string commands = world.card.commands();
  const bool pin = row.wanted == Credential::pin && row.code != Code::device_pin_locked;
  CHECK((commands.find("VERIFY") != std::string::npos) == pin);
  CHECK(commands.find("VERIFY") == commands.rfind("VERIFY"));
  CHECK((commands.find("GENERATE") != std::string::npos) == row.good);
}

TEST_CASE("a card that does not know the management key itself makes no keys", "[piv-manager]") {
  const auto fault =
      GENERATE(values<std::string>({"lie manager", "truncate 87", "extend 87", "answer 87 9000"}));
  CAPTURE(fault);
  World world;
  const auto manager = world.manager();
  world.card.obey(fault);
  (void)world.card.commands();
  CHECK(code_of(manager->generate(spec(KeyKind::p256), Existing::refuse)) ==
        Code::device_management_key);
  CHECK_FALSE(world.card.commands().contains("GENERATE"));
}

TEST_CASE("a card that lies about the key it made", "[piv-manager]") {
  struct Row {
    const char* lie;
    Code code;
  };
  const auto row = GENERATE(values<Row>({
      {"lie made-key", Code::device_failed},
      {"lie policies", Code::device_failed},
      {"lie origin", Code::device_failed},
      {"truncate 47", Code::device_failed},
      {"extend 47", Code::device_failed},
      {"fault-signatures", Code::device_signature},
  }));
  CAPTURE(row.lie);
  const bool signs_at_once = row.code == Code::device_signature;
  const KeySpec wanted = signs_at_once ? spec(KeyKind::p256, PinPolicy::never, TouchPolicy::never)
                                       : spec(KeyKind::p256, PinPolicy::once, TouchPolicy::always);
  SECTION("in an empty slot, where it can be removed") {
    World world({"firmware 5.7.1", row.lie});
    CHECK(code_of(world.manager()->generate(wanted, Existing::refuse)) == row.code);
    CHECK(world.holding().things.empty());
  }
  SECTION("in the place of another key, which is gone") {
    World world({"firmware 5.7.1", "key 9c p256", "certificate 9c old", row.lie});
    const auto refused = world.manager()->generate(wanted, Existing::replace);
    CHECK(code_of(refused) == Code::device_half_done);
    CHECK(refused.error().message.contains("the old key is gone"));
    CHECK(refused.error().message.contains("certificate in slot 9c (CN=old)"));
    CHECK_FALSE(world.holding().key);
  }
  SECTION("where it cannot be removed") {
    World world({row.lie});
    const auto refused = world.manager()->generate(wanted, Existing::refuse);
    CHECK(code_of(refused) == Code::device_half_done);
    CHECK(refused.error().message.contains("left is: the new key in slot 9c"));
  }
}

TEST_CASE("HW-04: a card that goes at any command leaves nothing untold", "[piv-manager]") {
  const auto what = GENERATE(values<std::string>({"generate", "import", "remove", "certificate"}));
  const auto brought = PrivateKey::generate(KeyKind::p256);
  bool finished = false;
  std::size_t half_done = 0;
  for (int command = 1; !finished && command < 40; ++command) {
    CAPTURE(what, command);
    World world({"firmware 5.7.1", "key 9c p256"});
    const Bytes first = certificate_of(world);
    world.card.obey("certificate 9c second");
    const auto before = world.holding();
    const auto manager = world.manager();
    world.card.commands();
    world.card.obey("remove-at " + std::to_string(command));
    Status done = ok();
    if (what == "generate") {
      const auto made = manager->generate(spec(KeyKind::p256), Existing::replace);
      if (!made) done = made.error();
    } else if (what == "import") {
      const auto made = manager->import_key(brought, {}, Existing::replace);
      if (!made) done = made.error();
    } else if (what == "remove") {
      done = manager->remove();
    } else {
      done = manager->store_certificate(first, Existing::replace);
    }
    finished = static_cast<bool>(done);
    if (finished) break;
    CHECK((code_of(done) == Code::device_removed || code_of(done) == Code::device_half_done));
    if (code_of(done) == Code::device_half_done) ++half_done;
    const std::string said = world.card.commands();
    const bool sent =
        said.contains("GENERATE") || said.contains("IMPORT") || said.contains("MOVE-KEY");
    if (sent) CHECK(code_of(done) == Code::device_half_done);
    world.card.card.insert();
    const auto after = world.holding();
    const bool changed =
        after.public_key != before.public_key || after.certificate != before.certificate;
    if (changed) CHECK(code_of(done) == Code::device_half_done);
  }
  CHECK(finished);
  CHECK(half_done >= 2);
}

TEST_CASE("a key and its certificate are removed where the firmware can", "[piv-manager]") {
  World world({"firmware 5.7.1", "key 9c p256", "certificate 9c old"});
  CHECK_FALSE(world.holding().fixed);
  REQUIRE(world.manager()->remove());
  CHECK(world.holding().things.empty());
  CHECK(code_of(world.manager()->remove()) == Code::device_key_not_found);
}

TEST_CASE("older firmware cannot remove a key, and says so before anything", "[piv-manager]") {
  World world({"key 9c p256", "certificate 9c old"});
  REQUIRE(world.holding().fixed);
  CHECK(world.holding().fixed->code == Code::device_unsupported);
  (void)world.card.commands();
  const auto refused = world.manager()->remove();
  CHECK(code_of(refused) == Code::device_unsupported);
  CHECK(refused.error().hint.contains("--overwrite"));
  CHECK_FALSE(world.card.commands().contains("PROVE"));
  CHECK(world.holding().things.size() == 2);
}

TEST_CASE("a removal that fails says what is left", "[piv-manager]") {
  struct Row {
    const char* fault;
    Code code;
    bool key_left;
  };
  const auto row = GENERATE(values<Row>({
      {"answer f6 6f00", Code::device_failed, true},
      {"lie deleted", Code::device_failed, true},
      {"answer db 6f00", Code::device_half_done, false},
  }));
  CAPTURE(row.fault);
  World world({"firmware 5.7.1", "key 9c p256", "certificate 9c old", row.fault});
  CHECK(code_of(world.manager()->remove()) == row.code);
  CHECK(world.holding().key == row.key_left);
  CHECK(contains(world.holding(), "certificate"));
}

TEST_CASE("an old certificate that does not go is named", "[piv-manager]") {
  World world({"key 9c p256", "certificate 9c old", "answer db 6f00"});
  const auto refused = world.manager()->generate(spec(KeyKind::p256), Existing::replace);
  CHECK(code_of(refused) == Code::device_half_done);
  CHECK(refused.error().message.contains("the new key is made"));
}

TEST_CASE("certificates are stored beside their key, and only there", "[piv-manager]") {
  World world({"firmware 5.7.1", "key 9c p256"});
  const Bytes first = certificate_of(world);
  world.card.obey("certificate 9c second");
  const Bytes second = *world.holding().certificate;
  const auto manager = world.manager();

  CHECK(code_of(manager->store_certificate(first, Existing::refuse)) == Code::device_key_exists);
  CHECK(manager->store_certificate(second, Existing::refuse));  // it is there
  REQUIRE(manager->store_certificate(first, Existing::replace));
  CHECK(world.holding().certificate == first);

  CHECK(code_of(manager->store_certificate(to_bytes("rubbish"), Existing::replace)) ==
        Code::device_certificate);
  world.card.obey("key 9c p256");
  CHECK(code_of(world.manager()->store_certificate(first, Existing::replace)) ==
        Code::device_certificate);
  REQUIRE(world.manager()->remove());
  CHECK(code_of(world.manager()->store_certificate(first, Existing::replace)) ==
        Code::device_key_not_found);
}

TEST_CASE("a certificate that the card does not keep is not called stored", "[piv-manager]") {
  struct Row {
    const char* fault;
    Code code;
  };
  const auto row = GENERATE(values<Row>(
      {{"lie stored", Code::device_half_done}, {"answer db 6a84", Code::device_failed}}));
  CAPTURE(row.fault);
  World world({"key 9c p256"});
  const Bytes first = certificate_of(world);
  world.card.obey("certificate 9c second");
  world.card.obey(row.fault);
  CHECK(code_of(world.manager()->store_certificate(first, Existing::replace)) == row.code);
}

TEST_CASE("a slot that old cards tell nothing of counts as taken", "[piv-manager]") {
  World world({"firmware 4.3.5", "key 9c p256 once always imported"});
  const auto holding = world.holding();
  CHECK(contains(holding, "the card does not tell"));
  CHECK_FALSE(holding.key);
  const auto manager = world.manager();
  REQUIRE(manager->authorize(Secret("010203040506070801020304050607080102030405060708")));
  CHECK(code_of(manager->generate(spec(KeyKind::p256), Existing::refuse)) ==
        Code::device_key_exists);
  const auto made = manager->generate(spec(KeyKind::p256), Existing::replace);
  REQUIRE(made);
  CHECK(world.holding().public_key == made->public_key);  // by its attestation
}

TEST_CASE("another maker's card takes no policies", "[piv-manager]") {
  World world({"answer fd 6d00 99"}, "piv:9c");
  const auto manager = world.manager();
  CHECK(manager->place().device.starts_with("PIV card"));
  CHECK(code_of(manager->generate(spec(KeyKind::p256, PinPolicy::once), Existing::replace)) ==
        Code::device_unsupported);
  CHECK(manager->generate(spec(KeyKind::p256), Existing::replace));
}

TEST_CASE("what a slot holds is asked of the PIV application, whatever another program selected",
          "[piv-manager]") {
  World world({"key 9c p256"});
  const auto manager = world.manager();
  REQUIRE(world.card.card.exchange(*from_hex("00a4040008a000000527471117")));
  const auto holding = manager->holding();
  REQUIRE(holding);
  CHECK(holding->key);
  CHECK_FALSE(contains(*holding, "does not tell"));
}

TEST_CASE("a card without a serial number that was reset may be another", "[piv-manager]") {
  World world({"answer fd 6d00 99", "answer f8 6d00 99"}, "piv:9c");
  const auto manager = world.manager();
  world.card.card.power("reset");
  world.card.stale = true;
  world.card.commands();
  CHECK(code_of(manager->generate(spec(KeyKind::p256), Existing::replace)) == Code::device_removed);
  const std::string said = world.card.commands();
  CHECK_FALSE(said.contains("MANAGEMENT-KEY"));
  CHECK_FALSE(said.contains("GENERATE"));
}

TEST_CASE("cards take RSA keys with the usual exponent only", "[piv-manager]") {
  // openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:65539
  const auto key = PrivateKey::from_pem(as_bytes(rsa_65539_pem), nullptr);
  REQUIRE(key);
  World world;
  const auto manager = world.manager();
  world.card.commands();
  CHECK(code_of(manager->import_key(*key, {}, Existing::refuse)) == Code::device_unsupported);
  CHECK_FALSE(world.card.commands().contains("IMPORT"));
}

TEST_CASE("a card that was reset in between is connected anew", "[piv-manager]") {
  World world;
  const auto manager = world.manager();
  world.card.card.power("reset");
  world.card.stale = true;
  CHECK(manager->generate(spec(KeyKind::p256), Existing::refuse));
}

}  // namespace touchstone::hsm
