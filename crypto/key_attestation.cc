#include "crypto/key_attestation.h"

#include <algorithm>
#include <array>

#include "base/der.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/certificate_parts.h"

namespace touchstone::crypto {
namespace {

// 1.3.6.1.4.1.41482, and what stands under it.
constexpr std::array<std::uint8_t, 8> yubico = {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0xC4, 0x0A};
constexpr std::uint8_t piv = 3;
constexpr std::uint8_t hsm = 4;

constexpr std::uint8_t piv_firmware = 3;
constexpr std::uint8_t piv_serial = 7;
constexpr std::uint8_t piv_policies = 8;
constexpr std::uint8_t piv_form_factor = 9;
constexpr std::uint8_t piv_fips = 10;  // in the device's certificate alone

constexpr std::uint8_t hsm_firmware = 1;
constexpr std::uint8_t hsm_serial = 2;
constexpr std::uint8_t hsm_origin = 3;
constexpr std::uint8_t hsm_capabilities = 5;
constexpr std::uint8_t hsm_object = 6;
constexpr std::uint8_t hsm_label = 9;

constexpr std::uint8_t utf8_string = 0x0C;
constexpr std::uint8_t generated = 0x01;             // of the origin's bits, and no other
constexpr std::uint64_t exportable_under_wrap = 16;  // the capability of this number
constexpr std::string_view piv_subject = "CN=YubiKey PIV Attestation ";
// As devices write it, and as their maker's documentation does.
constexpr std::array<std::string_view, 2> hsm_subjects = {"CN=YubiHSM Attestation id:0x",
                                                          "CN=YubiHSM Attestation id 0x"};

Error malformed(std::string_view why) {
  return Error{Code::hardware_malformed, "the attestation is malformed: " + std::string(why), ""};
}

// The extensions of a certificate under one of Yubico's arcs.
class Extensions {
 public:
  Extensions(const Certificate& certificate, std::uint8_t arc)
      : parts_(CertificateParts::split(certificate.der())),
        identifier_(yubico.begin(), yubico.end()) {
    identifier_.push_back(arc);
  }

  std::optional<ByteView> find(std::uint8_t number) const {
    Bytes identifier = identifier_;
    identifier.push_back(number);
    const auto* found = parts_ ? parts_->find(identifier) : nullptr;
    return found == nullptr ? std::nullopt : std::optional(found->value);
  }

 private:
  std::optional<CertificateParts> parts_;
  Bytes identifier_;
};

// The content of the one DER element of this tag that is the whole value.
std::optional<ByteView> whole(ByteView value, std::uint8_t tag) {
  Reader reader(value);
  const auto content = der::expect(reader, tag);
  return reader.at_end() ? content : std::nullopt;
}

std::optional<std::uint32_t> small_number(ByteView value) {
  Reader reader(value);
  const auto magnitude = der::unsigned_integer(reader);
  if (!magnitude || !reader.at_end() || magnitude->size() > 4) return std::nullopt;
  std::uint32_t number = 0;
  for (const std::uint8_t octet : *magnitude) number = number << 8 | octet;
  return number;
}

std::optional<Firmware> wrapped_firmware(ByteView value) {
  const auto bytes = whole(value, der::octet_string);
  return bytes ? Firmware::parse(*bytes) : std::nullopt;
}

// The bits of a BIT STRING, its first octet the most significant; up to 64.
std::optional<std::uint64_t> bits(ByteView value) {
  const auto content = whole(value, der::bit_string);
  if (!content || content->size() < 2 || content->front() != 0) return std::nullopt;
  return Reader(content->subspan(1)).big_endian(content->size() - 1);
}

bool read_policies(ByteView value, KeyAttestation& facts) {
  if (value.size() != 2) return false;
  switch (value[0]) {
    case 1:
      facts.pin = PinPolicy::never;
      break;
    case 2:
    case 4:
      facts.pin = PinPolicy::once;
      break;
    case 3:
    case 5:
      facts.pin = PinPolicy::always;
      break;
    default:
      return false;
  }
  facts.biometric = value[0] >= 4;
  switch (value[1]) {
    case 0:  // its default, which is never
    case 1:
      facts.touch = TouchPolicy::never;
      return true;
    case 2:
      facts.touch = TouchPolicy::always;
      return true;
    case 3:
      facts.touch = TouchPolicy::cached;
      return true;
    default:
      return false;
  }
}

Result<KeyAttestation> read_piv(const Certificate& key, const Certificate& device) {
  const Extensions said(key, piv);
  KeyAttestation facts;
  const std::string& subject = key.subject();
  const auto slot = subject.starts_with(piv_subject) ? from_hex(subject.substr(piv_subject.size()))
                                                     : std::nullopt;
  if (!slot || slot->size() != 1) return malformed("its subject names no slot of a YubiKey");
  facts.place = "slot " + to_hex(*slot);
  const auto firmware = said.find(piv_firmware);
  const auto version = firmware ? Firmware::parse(*firmware) : std::nullopt;
  if (!version) return malformed("it tells no firmware version");
  facts.firmware = *version;
  if (const auto serial = said.find(piv_serial)) {
    facts.serial = small_number(*serial);
    if (!facts.serial) return malformed("its serial number");
  }
  const auto policies = said.find(piv_policies);
  if (!policies || !read_policies(*policies, facts)) {
    return malformed("it tells no PIN and touch policy, or unknown ones");
  }
  if (const auto form = said.find(piv_form_factor)) {
    if (form->size() != 1) return malformed("its form factor");
    facts.form_factor = form->front();
  }
  if (const auto fips = Extensions(device, piv).find(piv_fips)) {
    if (!small_number(*fips)) return malformed("what the device's certificate says of FIPS");
    facts.fips = true;
  }
  return facts;
}

Result<std::string> object_text(const Extensions& said) {
  const auto object = said.find(hsm_object);
  const auto number = object ? small_number(*object) : std::nullopt;
  if (!number || *number > 0xFFFF) return malformed("it names no object");
  const std::array<std::uint8_t, 2> id = {static_cast<std::uint8_t>(*number >> 8),
                                          static_cast<std::uint8_t>(*number)};
  std::string text = "object 0x" + to_hex(id);
  const auto label = said.find(hsm_label);
  if (!label) return text;
  const auto name = whole(*label, utf8_string);
  if (!name) return malformed("the label of its object");
  if (!name->empty()) text += " \"" + printable(as_text(*name)) + "\"";
  return text;
}

Result<KeyAttestation> read_hsm(const Certificate& key) {
  const Extensions said(key, hsm);
  KeyAttestation facts;
  facts.device = KeyAttestation::Device::yubihsm;
  const auto begins = [&](std::string_view text) { return key.subject().starts_with(text); };
  if (std::ranges::none_of(hsm_subjects, begins)) return malformed("its subject is no YubiHSM's");
  const auto firmware = said.find(hsm_firmware);
  const auto version = firmware ? wrapped_firmware(*firmware) : std::nullopt;
  if (!version) return malformed("it tells no firmware version");
  facts.firmware = *version;
  const auto serial = said.find(hsm_serial);
  facts.serial = serial ? small_number(*serial) : std::nullopt;
  if (!facts.serial) return malformed("it tells no serial number");
  TS_TRY(facts.place, object_text(said));
  const auto origin = said.find(hsm_origin);
  const auto from = origin ? bits(*origin) : std::nullopt;
  if (!from) return malformed("it does not tell where the key was made");
  facts.made_inside = *from == generated;
  const auto capabilities = said.find(hsm_capabilities);
  const auto may = capabilities ? bits(*capabilities) : std::nullopt;
  if (!may) return malformed("it does not tell what may be done with the key");
  facts.can_leave = (*may >> exportable_under_wrap & 1) != 0;
  return facts;
}

}  // namespace

std::string KeyAttestation::device_name() const {
  return device == Device::yubikey ? "YubiKey" : "YubiHSM 2";
}

std::string KeyAttestation::form_factor_text() const {
  constexpr std::array names = {"",
                                "USB-A keychain",
                                "USB-A nano",
                                "USB-C keychain",
                                "USB-C nano",
                                "USB-C and Lightning",
                                "USB-A with fingerprint reader",
                                "USB-C with fingerprint reader"};
  constexpr std::uint8_t kinds = 0x0F;
  if (!form_factor) return "";
  const std::size_t kind = *form_factor & kinds;
  return kind > 0 && kind < names.size() ? names[kind] : "unknown";
}

bool attests_key(const Certificate& certificate) {
  return Extensions(certificate, piv).find(piv_policies) ||
         Extensions(certificate, hsm).find(hsm_origin);
}

Result<KeyAttestation> read_key_attestation(const Certificate& key, const Certificate& device) {
  const bool is_piv = Extensions(key, piv).find(piv_firmware).has_value();
  const bool is_hsm = Extensions(key, hsm).find(hsm_firmware).has_value();
  if (is_piv == is_hsm) return malformed("it is none by a YubiKey's PIV application or a YubiHSM");
  if (key.is_authority()) return malformed("it is the certificate of an authority");
  return is_piv ? read_piv(key, device) : read_hsm(key);
}

Result<std::vector<Certificate>> read_attestation_file(ByteView contents) {
  auto certificates = Certificate::from_file(contents);
  if (!certificates) {
    const Code code = certificates.error().code == Code::certificate_weak
                          ? Code::hardware_weak
                          : Code::hardware_malformed;
    return Error{code, certificates.error().message, ""};
  }
  if (certificates->size() > limits::max_attestation_certificates) {
    return malformed("it has more certificates than any maker's");
  }
  return certificates;
}

std::string attestation_pem(std::span<const Certificate> certificates) {
  std::string text;
  for (const Certificate& certificate : certificates) text += certificate.pem();
  return text;
}

}  // namespace touchstone::crypto
