// The messages between this process and the one that holds a module.
#include "hsm/message.h"

#include <catch2/catch.hpp>

namespace touchstone::hsm {
namespace {

template <class T>
bool same_after_reading(const T& value) {
  const Bytes bytes = MessageWriter()(value).bytes();
  T read{};
  MessageReader reader(bytes);
  return reader(read).finished() && MessageWriter()(read).bytes() == bytes;
}

KeyDescription some_key() {
  KeyDescription key;
  key.name = "pkcs11:token=rel";
  key.device = "token";
  key.hardware = true;
  key.public_key = {1, 2, 3};
  key.needs_pin = true;
  key.pin_for_each_signature = true;
  key.touch = TouchPolicy::cached;
  key.certificate = {4};
  key.pin_source = "/run/pin";
  key.cosign_file = true;
  key.tries = KeyDescription::Tries::last;
  key.tries_left = 1;
  key.facts = {{"firmware", "1"}, {"", ""}};
  return key;
}

}  // namespace

TEST_CASE("what is written is read back", "[message]") {
  CHECK(same_after_reading(some_key()));
  const auto public_key = crypto::PrivateKey::generate(crypto::KeyKind::p256).public_key();
  CHECK(same_after_reading(
      Holding{{"a", "b"}, true, public_key, Bytes{9}, Error{Code::device_failed, "why", "what"}}));
  CHECK(same_after_reading(ManagerState{{"d", true, "s", KeyDescription::Tries::low, {"w"}, true},
                                        Credential::pin,
                                        Credential::none,
                                        Credential::new_passphrase}));
  PinState pins;
  pins.min_pin_bytes = 4;
  pins.max_pin_bytes = std::size_t{1} << 40;
  pins.factory_puk = true;
  pins.warnings = {"w"};
  CHECK(same_after_reading(pins));
  CHECK(same_after_reading(Error{Code::interrupted, "", ""}));
  CHECK(same_after_reading(KeyPolicies{PinPolicy::always, TouchPolicy::never}));

  Pkcs11Uri uri = *Pkcs11Uri::parse(
      "pkcs11:token=t;manufacturer=m;serial=s;model=o;slot-id=7;slot-description=d;"
      "slot-manufacturer=f;library-manufacturer=l;library-description=b;library-version=1.2;"
      "object=k;id=%01%00;type=private?module-path=/m.so&pin-source=/p");
  const Bytes bytes = MessageWriter()(uri).bytes();
  Pkcs11Uri read;
  REQUIRE(MessageReader(bytes)(read).finished());
  CHECK(read.to_string() == uri.to_string());
}

TEST_CASE("a message that was cut or has more is none", "[message]") {
  Bytes bytes = MessageWriter()(some_key()).bytes();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    KeyDescription read;
    CHECK_FALSE(MessageReader(ByteView(bytes).first(size))(read).finished());
  }
  bytes.push_back(0);
  KeyDescription read;
  MessageReader reader(bytes);
  CHECK(reader(read).good());
  CHECK_FALSE(reader.finished());
}

TEST_CASE("lengths, choices and truths that are none are refused", "[message]") {
  const auto refused = [](const Bytes& bytes, auto value) {
    return !MessageReader(bytes)(value).good();
  };
  CHECK(refused({0xFF, 0xFF, 0xFF, 0xFF, 'a'}, std::string()));
  CHECK(refused({0xFF, 0xFF, 0xFF, 0xFF, 'a'}, Bytes()));
  CHECK(refused({0xFF, 0xFF, 0xFF, 0xFF, 0}, std::vector<KeyDescription>()));
  CHECK(refused({0, 0, 0, 2, 1}, std::vector<std::uint8_t>()));
  CHECK(refused({2}, false));
  CHECK(refused({2, 1}, std::optional<std::uint8_t>()));
  CHECK(refused({4}, TouchPolicy::unknown));
  CHECK(refused({static_cast<std::uint8_t>(all_codes().size())}, Code::device_failed));
  CHECK(refused({1, 0, 0, 0, 1, 0}, std::optional<crypto::PublicKey>()));
  CHECK_FALSE(refused({1}, false));
  CHECK_FALSE(refused({3}, TouchPolicy::unknown));
}

TEST_CASE("nothing is read after something was wrong", "[message]") {
  MessageReader reader{ByteView()};
  std::uint8_t number = 7;
  CHECK_FALSE(reader(number).good());
  CHECK(number == 7);
  CHECK_FALSE(reader.finished());
}

}  // namespace touchstone::hsm
