// Signing with a PIV card, against the emulated one in this process. The same through the real
// libykpiv and pcscd: tests/cli/yubikey.
#include "hsm/piv_device.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "crypto/hash.h"
#include "hsm/delayed_call.h"
#include "tests/support/emulated_readers.h"
#include "verify/signed_content.h"

namespace touchstone::hsm {
namespace {

using test::EmulatedCard;
using test::EmulatedReaders;

constexpr std::string_view right_pin = "123456";
const Bytes message = to_bytes("message");

struct World {
  std::shared_ptr<EmulatedReaders> readers = std::make_shared<EmulatedReaders>();
  std::vector<TouchNotice> notices;

  Result<std::unique_ptr<KeyDevice>> open(const std::string& name) {
    TS_TRY(const auto parsed, PivName::parse(name));
    return open_piv_key(readers, parsed,
                        [this](const TouchNotice& notice) { notices.push_back(notice); });
  }
};

// One card with these lines of control, its key opened.
struct OneCard : World {
  EmulatedCard& card;
  std::unique_ptr<KeyDevice> key;

  explicit OneCard(const std::vector<std::string>& control, const std::string& name = "yubikey:9c")
      : card(readers->add("Yubico YubiKey 00 00", control)) {
    auto opened = open(name);
    REQUIRE(opened);
    key = *std::move(opened);
    (void)card.commands();
  }

  Result<Bytes> unlock_and_sign(Scheme scheme = Scheme::ecdsa_sha256) {
    TS_CHECK(key->unlock(Secret(right_pin)));
    return key->sign(scheme, message);
  }
};

void check_verifies(KeyDevice& key, Scheme scheme, const Result<Bytes>& signature) {
  REQUIRE(signature);
  const auto public_key = crypto::PublicKey::from_der(*key.public_key());
  REQUIRE(public_key);
  CHECK(public_key->verify(scheme, message, *signature));
}

template <class T>
Code code_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

std::string fact(const KeyDescription& key, const std::string& name) {
  const auto found = std::ranges::find_if(
      key.facts, [&](const KeyDescription::Fact& entry) { return entry.name == name; });
  return found == key.facts.end() ? "" : found->value;
}

}  // namespace

TEST_CASE("a PIV key signs with every scheme that fits it", "[piv]") {
  struct Row {
    std::string control;
    std::vector<Scheme> schemes;
  };
  const std::vector<Row> rows = {
      {"key 9c p256", {Scheme::ecdsa_sha256}},
      {"key 9c p384", {Scheme::ecdsa_sha384, Scheme::ecdsa_sha256}},
      {"key 9c rsa2048",
       {Scheme::rsa_pkcs1_sha256, Scheme::rsa_pkcs1_sha384, Scheme::rsa_pkcs1_sha512,
        Scheme::rsa_pss_sha256, Scheme::rsa_pss_sha384, Scheme::rsa_pss_sha512}},
      {"key 9c rsa3072", {Scheme::rsa_pkcs1_sha256, Scheme::rsa_pss_sha512}},
      {"key 9c ed25519", {Scheme::ed25519}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.control);
    OneCard world({"firmware 5.7.1", row.control});
    REQUIRE(world.key->unlock(Secret(right_pin)));
    for (const Scheme scheme : row.schemes) {
      CAPTURE(crypto::scheme_name(scheme));
      check_verifies(*world.key, scheme, world.key->sign(scheme, message));
      const auto hash = verify::hash_of(scheme);
      const Bytes digest = crypto::hash(hash.value_or(crypto::Hash::sha512), message);
      const auto by_digest = world.key->sign_digest(scheme, digest);
      if (hash) {
        check_verifies(*world.key, scheme, by_digest);
      } else {
        CHECK(code_of(by_digest) == Code::device_algorithm);
      }
      CHECK(code_of(world.key->sign_digest(scheme, Bytes(20))) == Code::device_algorithm);
    }
  }
}

TEST_CASE("a scheme that does not fit the key costs no command", "[piv]") {
  OneCard world({"key 9c p256"});
  CHECK(code_of(world.unlock_and_sign(Scheme::ecdsa_sha384)) == Code::device_algorithm);
  CHECK(code_of(world.unlock_and_sign(Scheme::rsa_pkcs1_sha256)) == Code::device_algorithm);
  CHECK(world.card.commands().empty());
}

TEST_CASE("HW-19: nothing stands between the PIN and the signature", "[piv]") {
  struct Row {
    const char* why;
    std::string control;
    std::string first;
    std::string second;
  };
  const std::string look = "GET-METADATA GET-SERIAL ";
  const auto row = GENERATE_COPY(values<Row>({
      {"PIN always", "key 9c p256 always", look + "VERIFY GENERAL-AUTHENTICATE",
       look + "VERIFY GENERAL-AUTHENTICATE"},
      {"PIN once", "key 9c p256 once", look + "VERIFY GENERAL-AUTHENTICATE",
       look + "GENERAL-AUTHENTICATE"},
      {"PIN never", "key 9c p256 never", look + "GENERAL-AUTHENTICATE",
       look + "GENERAL-AUTHENTICATE"},
  }));
  CAPTURE(row.why);
  OneCard world({row.control});
  check_verifies(*world.key, Scheme::ecdsa_sha256, world.unlock_and_sign());
  CHECK(world.card.commands() == row.first);
  check_verifies(*world.key, Scheme::ecdsa_sha256, world.key->sign(Scheme::ecdsa_sha256, message));
  CHECK(world.card.commands() == row.second);
  world.key.reset();
  CHECK(world.card.commands() == (std::string(row.why) == "PIN never" ? "" : "reset"));
}

TEST_CASE("HW-01: a wrong PIN costs one try, and is never presented again", "[piv]") {
  const auto policy = GENERATE(values<std::string>({"once", "always"}));
  CAPTURE(policy);
  OneCard world({"key 9c p256 " + policy});
  CHECK(world.key->describe().tries_left == 3U);
  REQUIRE(world.key->unlock(Secret("000000")));
  const auto refused = world.key->sign(Scheme::ecdsa_sha256, message);
  CHECK(code_of(refused) == Code::device_pin_wrong);
  CHECK(refused.error().message.contains("2 tries are left"));
  CHECK_FALSE(refused.error().message.contains("000000"));
  CHECK(code_of(world.key->sign(Scheme::ecdsa_sha256, message)) == Code::device_pin_needed);
  const std::string commands = world.card.commands();
  CHECK(commands.find("VERIFY") == commands.rfind("VERIFY"));
  CHECK_FALSE(commands.contains("GENERAL-AUTHENTICATE"));
}

TEST_CASE("a PIN of the wrong length, or for a blocked card, is not sent", "[piv]") {
  struct Row {
    const char* why;
    std::string pin;
    unsigned tries;
    Code code;
  };
  const auto row = GENERATE(values<Row>({
      {"too short", "12345", 3, Code::device_pin_unusable},
      {"too long", "123456789", 3, Code::device_pin_unusable},
      {"empty", "", 3, Code::device_pin_unusable},
      {"blocked", "123456", 0, Code::device_pin_locked},
  }));
  CAPTURE(row.why);
  OneCard world({"key 9c p256", "tries " + std::to_string(row.tries)});
  CHECK(code_of(world.key->unlock(Secret(row.pin))) == row.code);
  CHECK(code_of(world.key->sign(Scheme::ecdsa_sha256, message)) == Code::device_pin_needed);
  CHECK_FALSE(world.card.commands().contains("VERIFY"));
}

TEST_CASE("the last try blocks the PIN, and is told so", "[piv]") {
  OneCard world({"key 9c p256", "tries 1"});
  CHECK(world.key->describe().tries == KeyDescription::Tries::last);
  REQUIRE(world.key->unlock(Secret("000000")));
  CHECK(code_of(world.key->sign(Scheme::ecdsa_sha256, message)) == Code::device_pin_locked);
}

TEST_CASE("tries come from VERIFY where there is no metadata", "[piv]") {
  OneCard world({"firmware 4.3.5", "key 9c p256", "tries 2"});
  CHECK(world.key->describe().tries_left == 2U);
  CHECK(world.key->describe().tries == KeyDescription::Tries::normal);
}

TEST_CASE("a program that came between costs one repeat, not two", "[piv]") {
  SECTION("once") {
    OneCard world({"key 9c p256", "answer 87 6982 1"});
    check_verifies(*world.key, Scheme::ecdsa_sha256, world.unlock_and_sign());
    CHECK(world.card.commands() ==
          "GET-METADATA GET-SERIAL VERIFY GENERAL-AUTHENTICATE VERIFY GENERAL-AUTHENTICATE");
  }
  SECTION("again") {
    OneCard world({"key 9c p256", "answer 87 6982 9"});
    CHECK(code_of(world.unlock_and_sign()) == Code::device_pin_lost);
    CHECK(world.card.commands() ==
          "GET-METADATA GET-SERIAL VERIFY GENERAL-AUTHENTICATE VERIFY GENERAL-AUTHENTICATE");
  }
  SECTION("a key without PIN is not tried again") {
    OneCard world({"key 9e p256 never", "answer 87 6982 1"}, "yubikey:9e");
    CHECK(code_of(world.key->sign(Scheme::ecdsa_sha256, message)) == Code::device_failed);
  }
}

TEST_CASE("HW-06: a refusal that took long was a touch that did not come", "[piv]") {
  using std::chrono::seconds;
  CHECK(was_touch_timeout(TouchPolicy::always, seconds(15)));
  CHECK(was_touch_timeout(TouchPolicy::cached, seconds(15)));
  CHECK(was_touch_timeout(TouchPolicy::unknown, seconds(15)));
  CHECK_FALSE(was_touch_timeout(TouchPolicy::never, seconds(15)));
  CHECK_FALSE(was_touch_timeout(TouchPolicy::always, seconds(1)));
}

TEST_CASE("a touch is announced when one is needed, and only then", "[piv]") {
  struct Row {
    const char* why;
    std::vector<std::string> control;
    std::size_t notices;
  };
  const auto row = GENERATE(values<Row>({
      {"always", {"key 9c p256 always always"}, 2},
      {"never", {"key 9c p256 always never"}, 0},
      {"cached, and touched a moment ago", {"key 9c p256 always cached"}, 0},
      {"cached, and the card waits", {"key 9c p256 always cached", "touch 700"}, 2},
      {"unknown, and the card waits",
       {"key 9c p256 always cached", "touch 700", "metadata-without 2"},
       2},
  }));
  CAPTURE(row.why);
  OneCard world(row.control);
  check_verifies(*world.key, Scheme::ecdsa_sha256, world.unlock_and_sign());
  check_verifies(*world.key, Scheme::ecdsa_sha256, world.key->sign(Scheme::ecdsa_sha256, message));
  REQUIRE(world.notices.size() == row.notices);
  for (std::size_t i = 0; i < row.notices; ++i) {
    CHECK(world.notices[i].signature == i + 1);
    CHECK(world.notices[i].device == "YubiKey (serial 12345678)");
  }
}

TEST_CASE("HW-04: a card that is gone is told as removed, and works again when it is back",
          "[piv]") {
  const auto when = GENERATE(
      values<std::string>({"remove-in-signature", "remove-at 1", "remove-at 2", "remove-at 3"}));
  CAPTURE(when);
  OneCard world({"key 9c p256"});
  world.card.obey(when);
  CHECK(code_of(world.unlock_and_sign()) == Code::device_removed);
  CHECK(code_of(world.key->sign(Scheme::ecdsa_sha256, message)) == Code::device_removed);
  world.card.card.insert();
  check_verifies(*world.key, Scheme::ecdsa_sha256, world.unlock_and_sign());
}

TEST_CASE("HW-05: a card that was put back is connected and unlocked anew", "[piv]") {
  OneCard world({"key 9c p256 once"});
  check_verifies(*world.key, Scheme::ecdsa_sha256, world.unlock_and_sign());
  world.card.card.power("reset");
  world.card.stale = true;
  check_verifies(*world.key, Scheme::ecdsa_sha256, world.key->sign(Scheme::ecdsa_sha256, message));
}

TEST_CASE("HW-07: another card in the reader sees no PIN", "[piv]") {
  OneCard world({"key 9c p256"});
  SECTION("another serial, after it was taken out") {
    world.card.obey("serial 87654321");
    world.card.stale = true;
    CHECK(code_of(world.unlock_and_sign()) == Code::device_removed);
  }
  SECTION("another serial on the same connection") {
    world.card.obey("serial 87654321");
    CHECK(code_of(world.unlock_and_sign()) == Code::device_removed);
  }
  SECTION("another key in the slot") {
    world.card.obey("key 9c p256");
    CHECK(code_of(world.unlock_and_sign()) == Code::device_failed);
  }
  SECTION("no key in the slot any more, and another application selected") {
    world.card.obey("firmware 5.4.3");
    CHECK(code_of(world.unlock_and_sign()) == Code::device_key_not_found);
  }
  CHECK_FALSE(world.card.commands().contains("VERIFY"));
}

TEST_CASE("HW-08: a wrong or broken signature is not handed out", "[piv]") {
  struct Row {
    const char* fault;
    Code code;
  };
  const auto row = GENERATE(values<Row>({
      {"fault-signatures", Code::device_signature},
      {"truncate 87", Code::device_signature},
      {"answer 87 6f00", Code::device_failed},
      {"answer 87 6a80", Code::device_failed},
  }));
  CAPTURE(row.fault);
  OneCard world({"key 9c p256", row.fault});
  CHECK(code_of(world.unlock_and_sign()) == row.code);
}

TEST_CASE("HW-15: the one card that fits is taken; several are listed", "[piv]") {
  World world;
  EmulatedCard& first = world.readers->add("Reader 00 00", {"serial 11", "key 9c p256"});
  EmulatedCard& second = world.readers->add("Reader 00 01", {"serial 22", "key 9c p256"});

  const auto ambiguous = world.open("yubikey:9c");
  CHECK(code_of(ambiguous) == Code::device_ambiguous);
  for (const char* part : {"serial=11", "serial=22", "Reader 00 00", "Reader 00 01"}) {
    CAPTURE(part);
    CHECK(ambiguous.error().message.contains(part));
  }
  CHECK_FALSE(first.commands().contains("VERIFY"));

  const auto by_serial = world.open("yubikey:serial=22;slot=9c");
  REQUIRE(by_serial);
  CHECK((*by_serial)->describe().name == "yubikey:serial=22;slot=9c");
  const auto by_reader = world.open("piv:reader=Reader 00 00;slot=9c");
  REQUIRE(by_reader);
  CHECK((*by_reader)->describe().name == "yubikey:serial=11;slot=9c");
  CHECK(code_of(world.open("yubikey:serial=33")) == Code::device_not_found);
  CHECK(code_of(world.open("piv:reader=Reader 00;slot=9c")) == Code::device_not_found);
  CHECK(code_of(world.open("yubikey:serial=22;slot=9a")) == Code::device_key_not_found);

  second.card.remove();
  CHECK(world.open("yubikey:9c"));
  first.exclusive = true;
  CHECK(code_of(world.open("yubikey:9c")) == Code::device_busy);
  first.card.remove();
  first.exclusive = false;
  CHECK(code_of(world.open("yubikey:9c")) == Code::device_not_found);
}

TEST_CASE("cards that tell less are read by their certificates", "[piv]") {
  struct Row {
    const char* why;
    std::vector<std::string> control;
    PinPolicy pin;
    TouchPolicy touch;
  };
  const auto row = GENERATE(values<Row>({
      {"no metadata: the attestation",
       {"firmware 4.3.5", "key 9c p256 once always"},
       PinPolicy::once,
       TouchPolicy::always},
      {"an imported key: the certificate",
       {"firmware 4.3.5", "key 9c p256 once always imported", "certificate 9c own"},
       PinPolicy::always,
       TouchPolicy::unknown},
      {"no attestation yet: the certificate",
       {"firmware 4.2.4", "key 9c p256 always never", "certificate 9c own"},
       PinPolicy::always,
       TouchPolicy::unknown},
      {"metadata without the key",
       {"key 9c p256 once always", "metadata-without 4"},
       PinPolicy::once,
       TouchPolicy::always},
      {"metadata without policies",
       {"key 9c p256", "metadata-without 2"},
       PinPolicy::always,
       TouchPolicy::unknown},
      {"metadata without algorithm",
       {"key 9c p256", "metadata-without 1"},
       PinPolicy::always,
       TouchPolicy::never},
  }));
  CAPTURE(row.why);
  OneCard world(row.control);
  const KeyDescription& told = world.key->describe();
  CHECK(told.pin_for_each_signature == (row.pin == PinPolicy::always));
  CHECK(told.touch == row.touch);
  check_verifies(*world.key, Scheme::ecdsa_sha256, world.unlock_and_sign());
}

TEST_CASE("a slot whose key is told nowhere counts as empty", "[piv]") {
  World world;
  world.readers->add("R", {"firmware 4.3.5", "key 9c p256 once always imported"});
  CHECK(code_of(world.open("yubikey:9c")) == Code::device_key_not_found);
  CHECK(code_of(world.open("yubikey:95")) == Code::device_key_not_found);
}

TEST_CASE("HW-17: RSA keys that can be factored are refused by firmware", "[piv]") {
  struct Row {
    std::string firmware;
    bool refused;
  };
  const auto row =
      GENERATE(values<Row>({{"4.2.5", false}, {"4.2.6", true}, {"4.3.4", true}, {"4.3.5", false}}));
  CAPTURE(row.firmware);
  World world;
  EmulatedCard& card =
      world.readers->add("R", {"firmware " + row.firmware, "key 9c rsa2048", "certificate 9c own",
                               "key 9a p256", "certificate 9a own"});
  const auto key = world.open("yubikey:9c");
  CHECK(static_cast<bool>(key) != row.refused);
  if (row.refused) CHECK(code_of(key) == Code::device_firmware);
  CHECK(world.open("yubikey:9a"));
  CHECK_FALSE(card.commands().contains("VERIFY"));
}

TEST_CASE("RSA-1024 is refused", "[piv]") {
  World world;
  world.readers->add("R", {"key 9c rsa1024"});
  CHECK(code_of(world.open("yubikey:9c")) == Code::device_algorithm);
}

TEST_CASE("old firmware tells its serial by its other application", "[piv]") {
  OneCard world({"firmware 4.3.5", "serial 987", "key 9c p256"}, "yubikey:serial=987");
  CHECK(world.key->describe().device == "YubiKey (serial 987)");
}

TEST_CASE("a card without serial is named by its reader", "[piv]") {
  OneCard world({"serial 0", "key 9c p256"});
  CHECK(world.key->describe().name == "piv:reader=Yubico YubiKey 00 00;slot=9c");
  check_verifies(*world.key, Scheme::ecdsa_sha256, world.unlock_and_sign());
}

TEST_CASE("keys are listed with what is known of them, and no PIN", "[piv]") {
  World world;
  EmulatedCard& card =
      world.readers->add("R", {"key 9c p256 always always", "certificate 9c release", "key 9a p384",
                               "certificate 9a old", "key 9a p384 once", "key 82 rsa1024",
                               "key 9e p256", "compressed-certificate 9e small"});
  world.readers->add("Empty", {"serial 5"});
  world.readers->add("Held", {}).exclusive = true;
  PivName any;
  any.any_maker = true;

  const auto list = list_piv_keys(*world.readers, any);

  REQUIRE(list);
  REQUIRE(list->keys.size() == 4);
  const KeyDescription& old = list->keys[0];  // 9a
  const auto old_certificate = CertificateFacts::parse(old.certificate);
  REQUIRE(old_certificate);
  CHECK(old_certificate->subject == "CN=old");
  CHECK(old_certificate->public_key != old.public_key);
  CHECK_FALSE(old.pin_for_each_signature);
  const KeyDescription& release = list->keys[1];  // 9c
  CHECK(release.name == "yubikey:serial=12345678;slot=9c");
  CHECK(CertificateFacts::parse(release.certificate)->public_key == release.public_key);
  CHECK(fact(release, "reader") == "R");
  CHECK(fact(release, "firmware").starts_with("5.4.3"));
  CHECK(fact(release, "origin") == "made on the token");
  CHECK(fact(release, "warning").contains("factory"));
  CHECK(release.touch == TouchPolicy::always);
  CHECK_FALSE(list->keys[2].needs_pin);  // 9e
  CHECK(fact(list->keys[2], "certificate").contains("compressed"));
  CHECK(list->keys[3].public_key.empty());  // 82
  CHECK_FALSE(fact(list->keys[3], "not usable").empty());
  CHECK(list->notes.size() == 2);
  CHECK_FALSE(card.commands().contains("VERIFY"));
}

TEST_CASE("DelayedCall calls when it takes long, once, and not otherwise", "[piv]") {
  using std::chrono::milliseconds;
  int calls = 0;
  {
    const DelayedCall quick(milliseconds(10'000), [&] { ++calls; });
  }
  CHECK(calls == 0);
  {
    const DelayedCall slow(milliseconds(1), [&] { ++calls; });
    std::this_thread::sleep_for(milliseconds(200));
  }
  CHECK(calls == 1);
}

}  // namespace touchstone::hsm
