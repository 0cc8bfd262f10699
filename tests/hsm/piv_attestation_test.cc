// What a YubiKey attests of its keys, from the emulated one in this process.
#include "hsm/piv_attestation.h"

#include <catch2/catch.hpp>

#include "hsm/keys.h"
#include "tests/support/emulated_readers.h"
#include "verify/attestation.h"

namespace touchstone::hsm {
namespace {

using namespace std::chrono_literals;

using Chain = std::vector<crypto::Certificate>;

struct World {
  std::shared_ptr<test::EmulatedReaders> readers = std::make_shared<test::EmulatedReaders>();
  test::EmulatedCard& card;

  explicit World(const std::vector<std::string>& control)
      : card(readers->add("Yubico YubiKey 00 00", control)) {}

  Result<Chain> read(std::string_view name = "yubikey:9c") const {
    KeyOptions options;
    options.readers = readers;
    return read_attestation(name, options);
  }
};

TEST_CASE("a key that a card made is attested, without a PIN", "[piv-attestation]") {
  const World w({"key 9c p256 always always"});
  const auto chain = w.read();
  REQUIRE(chain);
  REQUIRE(chain->size() == 2);
  const auto facts = crypto::read_key_attestation((*chain)[0], (*chain)[1]);
  REQUIRE(facts);
  CHECK(facts->serial == 12345678);
  CHECK(facts->firmware == Firmware{5, 4, 3});
  CHECK(facts->place == "slot 9c");
  CHECK(facts->touch == TouchPolicy::always);
  CHECK(w.card.commands().find("VERIFY") == std::string::npos);
}

TEST_CASE("retired slots are attested, and FIPS devices as such", "[piv-attestation]") {
  const World w({"fips", "key 82 rsa2048 once never"});
  const auto chain = w.read("yubikey:82");
  REQUIRE(chain);
  const auto facts = crypto::read_key_attestation((*chain)[0], (*chain)[1]);
  CHECK(facts->place == "slot 82");
  CHECK(facts->fips);
}

TEST_CASE("what is not attested is said", "[piv-attestation][HW-16]") {
  struct Row {
    const char* why;
    std::vector<std::string> control;
    Code code;
  };
  const auto row = GENERATE(values<Row>({
      {"brought in", {"key 9c p256 always always imported"}, Code::device_no_attestation},
      {"an empty slot", {}, Code::device_key_not_found},
      {"firmware without attestation",
       {"firmware 4.2.0", "key 9c p256", "certificate 9c x"},
       Code::device_no_attestation},
      {"of another key", {"key 9c p256", "lie attested-key"}, Code::device_failed},
  }));
  CAPTURE(row.why);
  const auto chain = World(row.control).read();
  REQUIRE_FALSE(chain);
  CHECK(chain.error().code == row.code);
}

TEST_CASE("a malformed attestation is asked for once more", "[piv-attestation]") {
  const World w({"key 9c p256"});
  w.card.obey("truncate f9");
  CHECK(w.read());
  w.card.obey("extend f9");
  CHECK(w.read());
}

TEST_CASE("a card without a usable certificate of its own attests nothing", "[piv-attestation]") {
  const World w({"key 9c p256"});
  w.card.obey("answer cb 6a82 1");
  CHECK(w.read().error().code == Code::device_no_attestation);
  w.card.obey("truncate cb");
  CHECK(w.read().error().code == Code::device_failed);
}

TEST_CASE("key files and PKCS#11 tokens attest nothing by their standards", "[piv-attestation]") {
  const World w({});
  const auto token = w.read("pkcs11:token=t;object=k?module-path=/nowhere/module.so");
  CHECK(token.error().code == Code::device_cannot_attest);
  CHECK(w.read("release.pem").error().code == Code::device_cannot_attest);
  CHECK(w.read("pkcs11:token=t;type=cert").error().code == Code::usage_key_uri);
}

}  // namespace
}  // namespace touchstone::hsm
