#include "crypto/key_attestation.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "tests/support/pretend_maker.h"

namespace touchstone::crypto {
namespace {

using test::AttestationText;
using test::PretendMaker;

Result<KeyAttestation> read(const AttestationText& text) {
  const PretendMaker maker;
  return read_key_attestation(maker.attest(text).certificate(), maker.device.certificate());
}

TEST_CASE("an attestation of a PIV application tells of key and device", "[key-attestation]") {
  const auto facts = read({});
  REQUIRE(facts);
  CHECK(facts->device_name() == "YubiKey");
  CHECK(facts->firmware == Firmware{5, 7, 1});
  CHECK(facts->serial == 0x2A3B4C);
  CHECK(facts->place == "slot 9c");
  CHECK(facts->pin == PinPolicy::once);
  CHECK(facts->touch == TouchPolicy::always);
  CHECK_FALSE(facts->biometric);
  CHECK(facts->form_factor_text() == "USB-A keychain");
  CHECK(facts->fips);
  CHECK(facts->made_inside);
  CHECK_FALSE(facts->can_leave);
}

TEST_CASE("what an attestation leaves out is not told", "[key-attestation]") {
  const auto facts = read(AttestationText().with("7", "").with("9", ""));
  REQUIRE(facts);
  CHECK_FALSE(facts->serial);
  CHECK_FALSE(facts->form_factor);
  CHECK(facts->form_factor_text().empty());
}

TEST_CASE("that a device is a FIPS one, its own certificate says", "[key-attestation]") {
  PretendMaker maker;
  maker.device = issue(PretendMaker::authority("Pretend PIV Attestation", 0), &maker.root);
  const auto attested = maker.attest(AttestationText().with("10", "020103"));
  const auto facts = read_key_attestation(attested.certificate(), maker.device.certificate());
  REQUIRE(facts);
  CHECK_FALSE(facts->fips);
}

TEST_CASE("policies are told as they stand", "[key-attestation]") {
  struct Row {
    const char* hex;
    PinPolicy pin;
    TouchPolicy touch;
    bool biometric;
  };
  const auto row = GENERATE(values<Row>({
      {"0101", PinPolicy::never, TouchPolicy::never, false},
      {"0100", PinPolicy::never, TouchPolicy::never, false},
      {"0203", PinPolicy::once, TouchPolicy::cached, false},
      {"0302", PinPolicy::always, TouchPolicy::always, false},
      {"0401", PinPolicy::once, TouchPolicy::never, true},
      {"0501", PinPolicy::always, TouchPolicy::never, true},
  }));
  CAPTURE(row.hex);
  const auto facts = read(AttestationText().with("8", row.hex));
  REQUIRE(facts);
  CHECK(facts->pin == row.pin);
  CHECK(facts->touch == row.touch);
  CHECK(facts->biometric == row.biometric);
}

TEST_CASE("an attestation of a YubiHSM 2 tells of key and device", "[key-attestation]") {
  const auto facts = read(AttestationText::hsm());
  REQUIRE(facts);
  CHECK(facts->device_name() == "YubiHSM 2");
  CHECK(facts->firmware == Firmware{2, 4, 1});
  CHECK(facts->serial == 0x2A3B4C);
  CHECK(facts->place == "object 0x0102 \"release\"");
  CHECK(facts->made_inside);
  CHECK_FALSE(facts->can_leave);
  CHECK(facts->pin == PinPolicy::unspecified);
  CHECK(facts->touch == TouchPolicy::unknown);
  CHECK(read(AttestationText::hsm().with("9", ""))->place == "object 0x0102");
  auto as_documented = AttestationText::hsm();
  as_documented.subject = "YubiHSM Attestation id 0x0102";
  CHECK(read(as_documented));
}

TEST_CASE("a form that is not known is told as such", "[key-attestation]") {
  CHECK(read(AttestationText().with("9", "07"))->form_factor_text() ==
        "USB-C with fingerprint reader");
  CHECK(read(AttestationText().with("9", "08"))->form_factor_text() == "unknown");
  CHECK(read(AttestationText().with("9", "80"))->form_factor_text() == "unknown");
}

TEST_CASE("a key of a YubiHSM that came from outside, or may leave, is told as such",
          "[key-attestation]") {
  CHECK_FALSE(read(AttestationText::hsm().with("3", "03020002"))->made_inside);
  CHECK_FALSE(read(AttestationText::hsm().with("3", "03020011"))->made_inside);
  CHECK(read(AttestationText::hsm().with("5", "0309000000000000010080"))->can_leave);
}

TEST_CASE("an attestation that is not whole is refused", "[key-attestation]") {
  struct Row {
    const char* why;
    AttestationText text;
  };
  const AttestationText piv;
  const AttestationText hsm = AttestationText::hsm();
  AttestationText openpgp;
  openpgp.arc = "5";
  AttestationText other_subject;
  other_subject.subject = "YubiKey OPGP Attestation SIG";
  AttestationText two_slots;
  two_slots.subject = "YubiKey PIV Attestation 9c9d";
  AttestationText no_slot;
  no_slot.subject = "YubiKey PIV Attestation zz";
  AttestationText other_hsm_subject = hsm;
  other_hsm_subject.subject = "YubiKey PIV Attestation 9c";
  const auto row = GENERATE_COPY(values<Row>({
      {"another arc", openpgp},
      {"no slot", other_subject},
      {"two slots", two_slots},
      {"a slot that is no hex", no_slot},
      {"no firmware", piv.with("3", "")},
      {"two bytes of firmware", piv.with("3", "0507")},
      {"four bytes of firmware", piv.with("3", "05070100")},
      {"a negative serial", piv.with("7", "0201FF")},
      {"a serial of five octets", piv.with("7", "02050100000000")},
      {"a serial and more", piv.with("7", "02010500")},
      {"no policies", piv.with("8", "")},
      {"one policy", piv.with("8", "02")},
      {"three policies", piv.with("8", "020201")},
      {"an unknown PIN policy", piv.with("8", "0602")},
      {"no PIN policy", piv.with("8", "0002")},
      {"an unknown touch policy", piv.with("8", "0204")},
      {"two bytes of form factor", piv.with("9", "0101")},
      {"another's subject", other_hsm_subject},
      {"firmware and more", hsm.with("1", "04030204010500")},
      {"firmware that is not wrapped", hsm.with("1", "020401")},
      {"no serial", hsm.with("2", "")},
      {"no origin", hsm.with("3", "")},
      {"an origin that is no bit string", hsm.with("3", "04020001")},
      {"an origin without octets", hsm.with("3", "0300")},
      {"an origin with unused bits", hsm.with("3", "03020101")},
      {"an empty origin", hsm.with("3", "0300")},
      {"an origin without bits", hsm.with("3", "030100")},
      {"no capabilities", hsm.with("5", "")},
      {"too many capabilities", hsm.with("5", "030A00000000000000000080")},
      {"no object", hsm.with("6", "")},
      {"an object of three octets", hsm.with("6", "0203010203")},
      {"a label of another kind", hsm.with("9", "1303616263")},
  }));
  CAPTURE(row.why);

  const auto facts = read(row.text);

  REQUIRE_FALSE(facts);
  CHECK(facts.error().code == Code::hardware_malformed);
}

TEST_CASE("an attestation of two kinds is of none", "[key-attestation]") {
  const PretendMaker maker;
  const auto both =
      AttestationText::hsm().certificate().with("1.3.6.1.4.1.41482.3.3", "DER:050701");
  const auto facts =
      read_key_attestation(issue(both, &maker.device).certificate(), maker.device.certificate());
  CHECK(facts.error().code == Code::hardware_malformed);
  const auto whole =
      AttestationText().certificate().with("1.3.6.1.4.1.41482.4.1", "DER:0403020401");
  CHECK(read_key_attestation(issue(whole, &maker.device).certificate(), maker.device.certificate())
            .error()
            .code == Code::hardware_malformed);
}

TEST_CASE("an authority's certificate attests nothing", "[key-attestation]") {
  const PretendMaker maker;
  const auto authority = AttestationText().certificate().with("basicConstraints", "CA:TRUE");
  const auto facts = read_key_attestation(issue(authority, &maker.device).certificate(),
                                          maker.device.certificate());
  CHECK(facts.error().code == Code::hardware_malformed);
}

TEST_CASE("what a device's certificate says of FIPS must be a number", "[key-attestation]") {
  PretendMaker maker;
  maker.device = issue(
      PretendMaker::authority("Pretend PIV Attestation", 0).with(PretendMaker::fips, "DER:0101FF"),
      &maker.root);
  const auto facts = read_key_attestation(maker.attest().certificate(), maker.device.certificate());
  CHECK(facts.error().code == Code::hardware_malformed);
}

TEST_CASE("an attestation file is PEM, and is written as it was read", "[key-attestation]") {
  const PretendMaker maker;
  const auto attested = maker.attest();
  const std::string text = attested.pem() + maker.device.pem();
  const auto chain = read_attestation_file(as_bytes(text));
  REQUIRE(chain);
  REQUIRE(chain->size() == 2);
  CHECK(attestation_pem(*chain) == text);
  CHECK(attests_key(chain->front()));
  CHECK_FALSE(attests_key(chain->back()));
}

TEST_CASE("what is no attestation file is refused", "[key-attestation]") {
  const PretendMaker maker;
  std::string many;
  for (std::size_t i = 0; i <= limits::max_attestation_certificates; ++i) many += maker.root.pem();
  AttestationText weak;
  weak.key = "RSA-1024";
  CHECK(read_attestation_file(as_bytes("")).error().code == Code::hardware_malformed);
  CHECK(read_attestation_file(as_bytes(many)).error().code == Code::hardware_malformed);
  const std::string rsa = maker.attest(weak).pem();
  CHECK(read_attestation_file(as_bytes(rsa)).error().code == Code::hardware_weak);
}

}  // namespace
}  // namespace touchstone::crypto
