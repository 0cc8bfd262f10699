#include "hsm/piv_data.h"

#include <catch2/catch.hpp>

#include "base/der_writer.h"
#include "base/encoding.h"
#include "tests/support/piv_card/card_key.h"

namespace touchstone::hsm {
namespace {

Bytes hex(const std::string& text) { return from_hex(text).value(); }

}  // namespace

TEST_CASE("slot metadata: what is missing or unknown stays absent", "[piv-data]") {
  struct Row {
    const char* why;
    std::string answer;
    PinPolicy pin = PinPolicy::unspecified;
    TouchPolicy touch = TouchPolicy::unknown;
    SlotMetadata::Origin origin = SlotMetadata::Origin::unknown;
  };
  const auto row = GENERATE(values<Row>({
      {"nothing", ""},
      {"algorithm alone", "010111"},
      {"never, never", "02020101", PinPolicy::never, TouchPolicy::never},
      {"once, always", "02020202", PinPolicy::once, TouchPolicy::always},
      {"always, cached", "02020303", PinPolicy::always, TouchPolicy::cached},
      {"defaults", "02020000", PinPolicy::unspecified, TouchPolicy::never},
      {"finger once", "02020401", PinPolicy::once, TouchPolicy::never},
      {"finger always", "02020501", PinPolicy::always, TouchPolicy::never},
      {"policies of the future", "02020909"},
      {"generated", "030101", {}, {}, SlotMetadata::Origin::generated},
      {"imported", "030102", {}, {}, SlotMetadata::Origin::imported},
      {"another card's origin 0", "030100"},
      {"a tag of the future", "1101aa"},
  }));
  CAPTURE(row.why);
  const auto metadata = SlotMetadata::parse(hex(row.answer));
  REQUIRE(metadata);
  CHECK(metadata->pin == row.pin);
  CHECK(metadata->touch == row.touch);
  CHECK(metadata->origin == row.origin);
  CHECK(metadata->public_key.empty());
}

TEST_CASE("slot metadata: what is malformed is refused", "[piv-data]") {
  const auto answer = GENERATE(values<std::string>({
      "01",          // a tag alone
      "0102",        // a length past the end
      "01021111",    // an algorithm of two bytes
      "0100",        // of none
      "020101",      // one policy
      "0203010101",  // three
      "03020101",    // an origin of two bytes
      "018101",      // a length that is not the shortest, and past the end
      "01810111",    // a length that is not the shortest
      "018011",      // an indefinite one
      "01011100",    // a byte more
  }));
  CAPTURE(answer);
  CHECK_FALSE(SlotMetadata::parse(hex(answer)));
}

TEST_CASE("numbers become a public key only when they fit the algorithm", "[piv-data]") {
  const std::string point = "04" + std::string(128, '1');
  CHECK(spki_of_numbers(0x11, hex("8641" + point)));
  CHECK(spki_of_numbers(0xE0, hex("8620" + std::string(64, '1'))));
  struct Row {
    const char* why;
    std::uint8_t algorithm;
    std::string numbers;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"another curve's point", 0x14, "8641" + point},
      {"a point without its last byte", 0x11, "8640" + point.substr(2)},
      {"bytes after the point", 0x11, "8641" + point + "00"},
      {"numbers of RSA for a curve", 0x11, "810101820103"},
      {"a point for RSA", 0x07, "8641" + point},
      {"no exponent", 0x07, "8101ff"},
      {"empty modulus", 0x07, "8100820103"},
      {"bytes after the exponent", 0x07, "8101ff82010300"},
      {"an unknown algorithm", 0x03, "8641" + point},
      {"RSA-1024, which is not supported", 0x06, "8101ff820103"},
  }));
  CAPTURE(row.why);
  CHECK_FALSE(spki_of_numbers(row.algorithm, hex(row.numbers)));
}

TEST_CASE("PIN metadata", "[piv-data]") {
  const auto metadata = PinMetadata::parse(hex("0101ff05010106020302"));
  REQUIRE(metadata);
  CHECK(metadata->tries_in_all == 3);
  CHECK(metadata->tries_left == 2);
  CHECK(metadata->factory_value);
  CHECK_FALSE(PinMetadata::parse(hex("0101ff050101")));  // no tries
  CHECK_FALSE(PinMetadata::parse(hex("0603030201")));    // three numbers
  CHECK_FALSE(PinMetadata::parse(hex("060203")));        // cut
}

TEST_CASE("a signature's answer is taken whole or not at all", "[piv-data]") {
  CHECK(signature_of_answer(hex("7c048202abcd")) == hex("abcd"));
  const auto answer = GENERATE(values<std::string>({
      "",
      "7c",
      "7c00",
      "7c028200",
      "7c048202ab",
      "7c048102abcd",
      "7c048202abcd00",
      "7c058202abcd00",
      "7d048202abcd",
      "8202abcd",
      "7c81048202abcd",
  }));
  CAPTURE(answer);
  CHECK_FALSE(signature_of_answer(hex(answer)));
}

TEST_CASE("a stored certificate tells whether it is compressed", "[piv-data]") {
  const auto plain = StoredCertificate::parse(hex("53097002abcd710100fe00"));
  REQUIRE(plain);
  CHECK(plain->der == hex("abcd"));
  CHECK_FALSE(plain->compressed);
  const auto compressed = StoredCertificate::parse(hex("53097002abcd710101fe00"));
  REQUIRE(compressed);
  CHECK(compressed->compressed);
  const auto answer = GENERATE(values<std::string>({
      "",
      "5300",
      "5302fe00",
      "5305710100fe00",
      "53097002abcd710100fe",
      "53097002abcd710100fe0000",
      "53087002abcd7100fe00",
      "54097002abcd710100fe00",
  }));
  CAPTURE(answer);
  CHECK_FALSE(StoredCertificate::parse(hex(answer)));
}

TEST_CASE("certificates tell subject, key and, when they attest, policies", "[piv-data]") {
  piv_card::CardKey key;
  key.algorithm = piv_card::algorithm::p256;
  key.pin_policy = 3;
  key.touch_policy = 2;
  key.key = piv_card::generate_key(key.algorithm);
  const piv_card::Attester attester(0x050403);

  Bytes attestation = attester.attest(key, {0x9C, 0x050403, 1});
  const auto attested = CertificateFacts::parse(attestation);
  REQUIRE(attested);
  CHECK(attested->subject == "CN=YubiKey PIV Attestation 9c");
  CHECK(attested->pin == PinPolicy::always);
  CHECK(attested->touch == TouchPolicy::always);

  const auto plain = CertificateFacts::parse(piv_card::plain_certificate(key, "release"));
  REQUIRE(plain);
  CHECK(plain->subject == "CN=release");
  CHECK(plain->public_key == attested->public_key);
  CHECK(plain->pin == PinPolicy::unspecified);
  CHECK(plain->touch == TouchPolicy::unknown);

  attestation.push_back(0);
  CHECK_FALSE(CertificateFacts::parse(attestation));
  CHECK_FALSE(CertificateFacts::parse(ByteView(attestation).first(100)));
  CHECK_FALSE(CertificateFacts::parse({}));
}

TEST_CASE("metadata of the management key", "[piv-data]") {
  using crypto::BlockCipher;
  struct Row {
    const char* why;
    std::string answer;
    std::optional<BlockCipher> cipher;
    bool factory = false;
    TouchPolicy touch = TouchPolicy::unknown;
  };
  const auto row = GENERATE(values<Row>({
      {"nothing", "", {}},
      {"Triple DES, the factory's", "01010302020001050101", BlockCipher::triple_des, true,
       TouchPolicy::never},
      {"AES-128", "010108", BlockCipher::aes128},
      {"AES-192", "01010a0501ff", BlockCipher::aes192},
      {"AES-256 with touch", "01010c02020002", BlockCipher::aes256, false, TouchPolicy::always},
      {"a cipher of the future", "010155050101", {}, true},
  }));
  CAPTURE(row.why);
  const auto metadata = ManagementMetadata::parse(hex(row.answer));
  REQUIRE(metadata);
  CHECK(metadata->cipher == row.cipher);
  CHECK(metadata->factory_value == row.factory);
  CHECK(metadata->touch == row.touch);
  for (const char* bad : {"01", "01020303", "0100", "020101", "0101030501"}) {
    CAPTURE(bad);
    CHECK_FALSE(ManagementMetadata::parse(hex(bad)));
  }
}

TEST_CASE("a management key behind the PIN", "[piv-data]") {
  CHECK(is_management_key_behind_pin(hex("53058003810102")));
  CHECK(is_management_key_behind_pin(hex("5309800781010382020101")));
  for (const char* no : {"", "5300", "53058003810101", "5306800481020202", "54058003810102",
                         "5305800381010200", "53058803810102", "530580048101"}) {
    CAPTURE(no);
    CHECK_FALSE(is_management_key_behind_pin(hex(no)));
  }
  const auto key = management_key_behind_pin(hex("530688048902aabb"));
  REQUIRE(key);
  CHECK(key->reveal() == "\xaa\xbb");
  for (const char* no : {"", "5300", "5304880289", "530488028900", "530688048802aabb"}) {
    CAPTURE(no);
    CHECK_FALSE(management_key_behind_pin(hex(no)));
  }
  CHECK_FALSE(next_management_key_behind_pin(hex("530688048902aabb")));
  const auto next = next_management_key_behind_pin(hex("530a88088902aabb8a02ccdd"));
  REQUIRE(next);
  CHECK(next->reveal() == "\xcc\xdd");
  CHECK(management_key_behind_pin(hex("530a88088902aabb8a02ccdd"))->reveal() == "\xaa\xbb");
  CHECK_FALSE(next_management_key_behind_pin(hex("530888068902aabb8a00")));
}

TEST_CASE("the answer to the making of a key is one public key", "[piv-data]") {
  const std::string point = "04" + std::string(128, 'a');
  CHECK(spki_of_made_key(0x11, hex("7f49438641" + point)));
  struct Row {
    const char* why;
    std::string answer;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"nothing", ""},
      {"the tag alone", "7f49"},
      {"another tag", "7f48438641" + point},
      {"a byte more", "7f49438641" + point + "00"},
      {"a byte more inside", "7f49448641" + point + "00"},
      {"cut off", "7f49438641" + point.substr(2)},
      {"a point of another curve", "7f49038601aa"},
      {"RSA's numbers", "7f49068101038201aa"},
  }));
  CAPTURE(row.why);
  CHECK_FALSE(spki_of_made_key(0x11, hex(row.answer)));
}

TEST_CASE("a stored certificate is read back as it was written", "[piv-data]") {
  const Bytes der(300, 0xAB);
  const Bytes content = StoredCertificate::content(der);
  Bytes answer = hex("5382");
  answer.push_back(static_cast<std::uint8_t>(content.size() >> 8));
  answer.push_back(static_cast<std::uint8_t>(content.size()));
  answer.insert(answer.end(), content.begin(), content.end());
  const auto read = StoredCertificate::parse(answer);
  REQUIRE(read);
  CHECK(read->der == der);
  CHECK_FALSE(read->compressed);
}

TEST_CASE("the mark for a management key behind the PIN keeps what else is said", "[piv-data]") {
  struct Row {
    const char* why;
    std::optional<std::string> now;
    std::optional<std::string> marked;
  };
  const auto row = GENERATE(values<Row>({
      {"nothing yet", std::nullopt, "8003810102"},
      {"an empty list", "53028000", "8003810102"},
      {"a blocked PUK", "53058003810101", "8003810103"},
      {"marked already", "53058003810102", "8003810102"},
      {"the time of the PIN's change", "530b8009810100830400112233", "8009810102830400112233"},
      {"a salt of old", "53098007810100820211ff", "8003810102"},
      {"another list", "53028100", std::nullopt},
      {"something behind the list", "5304800000ff", std::nullopt},
      {"flags of two bytes", "5306800481020000", std::nullopt},
      {"cut", "530480038101", std::nullopt},
  }));
  CAPTURE(row.why);
  const auto now = row.now ? std::optional(hex(*row.now)) : std::nullopt;
  const auto marked = admin_data_with_key_behind_pin(now);
  REQUIRE(marked.has_value() == row.marked.has_value());
  if (!marked) return;
  CHECK(to_hex(*marked) == *row.marked);
  CHECK(is_management_key_behind_pin(der::element(0x53, {*marked})));
  CHECK(object_content(der::element(0x53, {*marked})) == *marked);
}

}  // namespace touchstone::hsm
