// Attestations of keys by their devices: real ones of YubiKeys, and pretend ones with each defect.
#include "verify/attestation.h"

#include <catch2/catch.hpp>
#include <map>

#include "base/files.h"
#include "base/limits.h"
#include "crypto/pem.h"
#include "tests/support/pretend_maker.h"
#include "tests/support/vectors.h"

namespace touchstone::verify {
namespace {

using crypto::Certificate;
using test::AttestationText;
using test::certificate_begin;
using test::CertificateText;
using test::Entity;
using test::PretendMaker;
using trust::HardwareVendor;
using namespace std::chrono_literals;

using Chain = std::vector<Certificate>;

constexpr std::chrono::sys_seconds now{1'800'000'000s};

std::vector<HardwareVendor> yubico() {
  auto vendor = HardwareVendor::yubico();
  REQUIRE(vendor);
  return {*std::move(vendor)};
}

// The pairs of the vectors by the device's serial; empty where the vectors are not there.
std::map<std::string, Chain> real_pairs() {
  std::map<std::string, Chain> pairs;
  const auto folder = test::vectors("yubikey");
  if (!folder) return pairs;
  for (const auto& entry : std::filesystem::directory_iterator(*folder / "attestations")) {
    const std::string name = entry.path().filename();
    if (!name.ends_with("-slot.pem")) continue;
    const std::string serial = name.substr(0, name.find('-'));
    Chain chain;
    for (const char* part : {"-slot.pem", "-f9.pem"}) {
      const auto bytes = read_file((*folder / "attestations" / (serial + part)).string(),
                                   limits::max_attestation_bytes);
      REQUIRE(bytes);
      const auto read = crypto::read_attestation_file(*bytes);
      REQUIRE(read);
      chain.insert(chain.end(), read->begin(), read->end());
    }
    pairs.emplace(serial, std::move(chain));
  }
  REQUIRE(pairs.size() == 6);
  return pairs;
}

TEST_CASE("real attestations of YubiKeys hold under Yubico's root", "[attestation][HW-16]") {
  const std::map<std::string, Firmware> versions = {
      {"10550341", {4, 4, 5}}, {"13078782", {5, 2, 6}}, {"14470876", {5, 2, 7}},
      {"14833186", {5, 4, 3}}, {"15724862", {5, 2, 7}}, {"15743677", {5, 2, 7}}};
  const auto pairs = real_pairs();
  if (pairs.empty()) WARN("skipped: no vectors");
  for (const auto& [serial, chain] : pairs) {
    CAPTURE(serial);
    const auto key = judge_attestation(chain, yubico(), now);
    REQUIRE(key);
    CHECK(std::to_string(key->facts.serial.value_or(0)) == serial);
    CHECK(key->facts.firmware == versions.at(serial));
    CHECK(key->facts.place == "slot 9c");
    CHECK(key->facts.pin == PinPolicy::always);
    CHECK(key->facts.touch == TouchPolicy::always);
    CHECK(key->facts.fips == (serial == "10550341"));
    CHECK(key->key == chain.front().key());
    CHECK(key->vendor == "yubico");
    CHECK(key->warnings().size() == 1);  // EUCLEAK
  }
}

TEST_CASE("any changed byte of a real attestation is noticed", "[attestation]") {
  const auto vendors = yubico();
  for (const auto& [serial, chain] : real_pairs()) {
    // Each byte of one pair, and some of the others': they are alike.
    const std::size_t stride = serial == "10550341" ? 1 : 31;
    for (std::size_t which = 0; which < chain.size(); ++which) {
      for (std::size_t at = 0; at < chain[which].der().size(); at += stride) {
        Bytes changed = chain[which].der();
        changed[at] ^= 0x01;
        CAPTURE(serial, which, at);
        const std::string pem = crypto::to_pem("CERTIFICATE", changed);
        const auto read = crypto::read_attestation_file(as_bytes(pem));
        if (!read) {
          const Code code = read.error().code;
          CHECK((code == Code::hardware_malformed || code == Code::hardware_weak));
          continue;
        }
        Chain other = chain;
        other[which] = read->front();
        const auto key = judge_attestation(other, vendors, now);
        REQUIRE_FALSE(key);
        CHECK(code_info(key.error().code).slug.starts_with("hardware."));
      }
    }
  }
}

TEST_CASE("a real attestation with another device's certificate is refused", "[attestation]") {
  const auto pairs = real_pairs();
  if (pairs.empty()) return;
  const Chain& one = pairs.at("10550341");
  const Chain& other = pairs.at("13078782");
  const auto mixed = judge_attestation(Chain{one[0], other[1]}, yubico(), now);
  REQUIRE_FALSE(mixed);
  CHECK(mixed.error().code == Code::hardware_signature);

  const auto other_key = check_attested_key(one[0].key(), other[0].key());
  REQUIRE_FALSE(other_key);
  CHECK(other_key.error().code == Code::hardware_other_key);
  CHECK(check_attested_key(one[0].key(), one[0].key()));
}

TEST_CASE("a real device's own certificate attests no key", "[attestation]") {
  const auto pairs = real_pairs();
  if (pairs.empty()) return;
  const auto key = judge_attestation(Chain{pairs.at("10550341")[1]}, yubico(), now);
  CHECK(key.error().code == Code::hardware_malformed);
}

TEST_CASE("a pretend maker's attestation holds under its root alone", "[attestation]") {
  const PretendMaker maker;
  const Chain chain = maker.chain(maker.attest());
  const auto at = certificate_begin + 24h;
  CHECK(judge_attestation(chain, std::vector{maker.vendor()}, at)->vendor == "pretend");
  CHECK(judge_attestation(chain, yubico(), at).error().code == Code::hardware_untrusted);
  CHECK(judge_attestation(chain, {}, at).error().code == Code::hardware_untrusted);

  auto both = yubico();
  both.push_back(maker.vendor());
  CHECK(judge_attestation(chain, both, at)->source == "a pretend maker");
  std::ranges::reverse(both);
  CHECK(judge_attestation(chain, both, at));

  // The reason that says most, whichever stands first.
  auto neither = yubico();
  neither.push_back(PretendMaker().vendor());
  CHECK(judge_attestation(chain, neither, at).error().code == Code::hardware_signature);
  std::ranges::reverse(neither);
  CHECK(judge_attestation(chain, neither, at).error().code == Code::hardware_signature);
}

TEST_CASE("an attestation is judged by its time", "[attestation]") {
  const PretendMaker maker;
  const auto late = judge_attestation(maker.chain(maker.attest()), std::vector{maker.vendor()},
                                      test::certificate_end + 1s);
  CHECK(late.error().code == Code::hardware_time);
}

// A maker as Yubico is since 2024: one root, and a branch below it for each application.
struct Branches {
  Entity root = issue(PretendMaker::authority("Pretend Root 1", 3), nullptr);
  Entity middle = issue(PretendMaker::authority("Pretend Intermediate A 1", 2), &root);
  Entity piv = issue(PretendMaker::authority("Pretend PIV Attestation A 1", 1), &middle);
  Entity fido = issue(PretendMaker::authority("Pretend FIDO Attestation A 1", 1), &middle);

  std::vector<HardwareVendor> vendors() const {
    return {{"pretend",
             "a pretend maker",
             {piv.certificate()},
             {root.certificate(), middle.certificate(), fido.certificate()},
             true}};
  }
  Result<AttestedKey> judge(const Entity& branch, const AttestationText& text = {},
                            bool with_branch = false) const {
    const Entity device = issue(PretendMaker::authority("Pretend Attestation B", 0), &branch);
    Chain chain = {issue(text.certificate(), &device).certificate(), device.certificate()};
    if (with_branch) chain.push_back(branch.certificate());
    return judge_attestation(chain, vendors(), certificate_begin + 24h);
  }
};

TEST_CASE("only a maker's branch for such keys counts", "[attestation]") {
  const Branches b;
  CHECK(b.judge(b.piv));
  CHECK(b.judge(b.piv, {}, true));
  CHECK(b.judge(b.fido).error().code == Code::hardware_branch);
  CHECK(b.judge(b.fido, {}, true).error().code == Code::hardware_branch);
  // One that nobody knows yet.
  const Entity openpgp =
      issue(PretendMaker::authority("Pretend OPGP Attestation C 1", 1), &b.middle);
  AttestationText text;
  text.arc = "5";
  text.subject = "YubiKey OPGP Attestation SIG";
  CHECK(b.judge(openpgp, text, true).error().code == Code::hardware_branch);
  CHECK(b.judge(b.root).error().code == Code::hardware_branch);

  // A FIDO certificate alone.
  CertificateText fido;
  fido.subject = "Yubico U2F EE Serial 1";
  const Chain alone = {issue(fido, &b.fido).certificate()};
  CHECK(judge_attestation(alone, b.vendors(), certificate_begin + 24h).error().code ==
        Code::hardware_branch);
}

TEST_CASE("keys that everybody can compute are refused", "[attestation][HW-17]") {
  const PretendMaker maker;
  const auto judge = [&](const AttestationText& text) {
    return judge_attestation(maker.chain(maker.attest(text)), std::vector{maker.vendor()},
                             certificate_begin + 24h);
  };
  AttestationText rsa;
  rsa.key = "RSA-2048";
  CHECK(judge(rsa.with("3", "040305")));
  CHECK(judge(rsa.with("3", "040205")));
  CHECK(judge(rsa.with("3", "040206")).error().code == Code::hardware_weak);
  CHECK(judge(rsa.with("3", "040304")).error().code == Code::hardware_weak);
  CHECK(judge(AttestationText().with("3", "040304")));
  AttestationText hsm = AttestationText::hsm().with("1", "0403040206");
  hsm.key = "RSA-2048";
  CHECK(judge(hsm));
}

TEST_CASE("old firmware's ECDSA keys are warned of", "[attestation][HW-17]") {
  const PretendMaker maker;
  const auto warnings = [&](const AttestationText& text) {
    const auto key = judge_attestation(maker.chain(maker.attest(text)), std::vector{maker.vendor()},
                                       certificate_begin + 24h);
    REQUIRE(key);
    return key->warnings().size();
  };
  AttestationText rsa;
  rsa.key = "RSA-2048";
  CHECK(warnings(AttestationText().with("3", "050603")) == 1);
  CHECK(warnings(AttestationText().with("3", "050700")) == 0);
  CHECK(warnings(rsa.with("3", "050603")) == 0);
  CHECK(warnings(AttestationText::hsm()) == 0);
}

TEST_CASE("keys of a YubiHSM are made in it and stay there", "[attestation][HW-16]") {
  const PretendMaker maker;
  const auto judge = [&](const AttestationText& text) {
    return judge_attestation(maker.chain(maker.attest(text)), std::vector{maker.vendor()},
                             certificate_begin + 24h);
  };
  CHECK(judge(AttestationText::hsm()));
  CHECK(judge(AttestationText::hsm().with("3", "03020002")).error().code == Code::hardware_origin);
  CHECK(judge(AttestationText::hsm().with("5", "0309000000000000010080")).error().code ==
        Code::hardware_origin);
}

TEST_CASE("demands are read and shown alike", "[attestation]") {
  const auto text = GENERATE(values<std::string>(
      {"", "touch", "touch,pin,fips,firmware>=5.7.0,serial=1,serial=4294967295,vendor=yubico",
       "vendor=a,vendor=b"}));
  const auto demand = HardwareDemand::parse(text);
  REQUIRE(demand);
  CHECK(demand->describe() == text);
}

TEST_CASE("demands that ask nothing are refused", "[attestation]") {
  const auto text = GENERATE(values<std::string>(
      {",", "touch,", "Touch", "touch=always", "pin=1", "firmware", "firmware>=", "firmware>=5.7",
       "firmware=5.7.0", "firmware>=5.7.0,firmware>=5.4.0", "serial", "serial=", "serial=-1",
       "serial=4294967296", "serial=1x", "vendor", "vendor=", "vendor=\x1b[0m", "nothing"}));
  CAPTURE(text);
  CHECK(HardwareDemand::parse(text).error().code == Code::policy_hardware);
}

TEST_CASE("demands name so many serial numbers and no more", "[attestation]") {
  std::string text = "serial=1";
  for (std::size_t i = 1; i < limits::max_demanded_serials; ++i) text += ",serial=1";
  CHECK(HardwareDemand::parse(text));
  CHECK(HardwareDemand::parse(text + ",serial=1").error().code == Code::policy_hardware);
}

TEST_CASE("demands are compared with what is attested", "[attestation]") {
  PretendMaker maker;
  struct Row {
    const char* demand;
    AttestationText text;
    std::optional<Code> refusal;
  };
  const AttestationText key;
  const auto row = GENERATE_COPY(values<Row>({
      {"", key, {}},
      {"touch", key, {}},
      {"touch", key.with("8", "0203"), {}},
      {"touch", key.with("8", "0201"), Code::hardware_touch},
      {"touch", AttestationText::hsm(), Code::hardware_touch},
      {"pin", key, {}},
      {"pin", key.with("8", "0301"), {}},
      {"pin", key.with("8", "0102"), Code::hardware_pin},
      {"pin", AttestationText::hsm(), Code::hardware_pin},
      {"fips", key, {}},
      {"fips", AttestationText::hsm(), Code::hardware_fips},
      {"firmware>=5.7.1", key, {}},
      {"firmware>=5.7.2", key, Code::hardware_firmware},
      {"firmware>=5.10.0", key, Code::hardware_firmware},
      {"serial=2767692", key, {}},
      {"serial=1,serial=2767692", key, {}},
      {"serial=1", key, Code::hardware_serial},
      {"serial=0", key.with("7", ""), Code::hardware_serial},
      {"vendor=pretend", key, {}},
      {"vendor=yubico,vendor=pretend", key, {}},
      {"vendor=yubico", key, Code::hardware_untrusted},
  }));
  CAPTURE(row.demand);
  const auto attested = judge_attestation(maker.chain(maker.attest(row.text)),
                                          std::vector{maker.vendor()}, certificate_begin + 24h);
  REQUIRE(attested);

  const Status status = HardwareDemand::parse(row.demand)->check(*attested);

  CHECK(static_cast<bool>(status) == !row.refusal);
  if (!status) CHECK(status.error().code == row.refusal);
}

TEST_CASE("what is attested is told line by line", "[attestation]") {
  const PretendMaker maker;
  const auto key =
      judge_attestation(maker.chain(maker.attest(AttestationText().with("3", "050403"))),
                        std::vector{maker.vendor()}, certificate_begin + 24h);
  REQUIRE(key);
  const auto lines = describe(*key);
  CHECK(lines.front() == "device:      YubiKey (serial 2767692), USB-A keychain");
  CHECK(lines.back().starts_with("warning:     "));
  CHECK(
      summary(*key) ==
      "YubiKey (serial 2767692), firmware 5.4.3, touch always, PIN once, FIPS, by a pretend maker");
  const auto json = to_json(*key);
  CHECK(json.find("serial")->unsigned_integer() != nullptr);
  CHECK(*json.find("touch")->string() == "always");
  CHECK(*json.find("fips")->boolean());
  CHECK(json.find("warnings")->array()->size() == 1);
}

}  // namespace
}  // namespace touchstone::verify
