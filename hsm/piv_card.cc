#include "hsm/piv_card.h"

#include <string.h>  // explicit_bzero

#include <array>

#include "base/der_writer.h"
#include "base/encoding.h"
#include "base/reader.h"
#include "base/text.h"

namespace touchstone::hsm {
namespace {

// Instructions: SP 800-73-4 part 2 table 2; from 0xF7 on Yubico's.
constexpr std::uint8_t ins_verify = 0x20;
constexpr std::uint8_t ins_authenticate = 0x87;
constexpr std::uint8_t ins_select = 0xA4;
constexpr std::uint8_t ins_get_data = 0xCB;
constexpr std::uint8_t ins_metadata = 0xF7;
constexpr std::uint8_t ins_serial = 0xF8;
constexpr std::uint8_t ins_attest = 0xF9;
constexpr std::uint8_t ins_version = 0xFD;
constexpr std::uint8_t ins_otp_serial = 0x01;  // of the OTP application

constexpr std::array<std::uint8_t, 5> piv_application = {0xA0, 0x00, 0x00, 0x03, 0x08};
constexpr std::array<std::uint8_t, 8> otp_application = {0xA0, 0x00, 0x00, 0x05,
                                                         0x27, 0x20, 0x01, 0x01};
constexpr std::uint8_t pin_reference = 0x80;
constexpr std::uint8_t management_slot = 0x9B;

constexpr std::uint16_t status_blocked = 0x6983;
constexpr std::uint16_t status_no_reference = 0x6A88;
constexpr std::uint16_t status_tries = 0x63C0;  // and how many are left

constexpr std::size_t min_pin_bytes = 6;
constexpr std::size_t max_pin_bytes = 8;

// SP 800-73-4 part 1, table 4b, and what YubiKeys do: for cards that do not tell.
PinPolicy pin_policy_of(std::uint8_t slot, PinPolicy told) {
  if (told != PinPolicy::unspecified) return told;
  if (slot == 0x9C) return PinPolicy::always;
  return slot == 0x9E ? PinPolicy::never : PinPolicy::once;
}

void set_public_key(SlotKey& key, const Bytes& spki) {
  if (spki.empty()) {
    key.unusable = "of a kind that is not supported";
    return;
  }
  auto parsed = crypto::PublicKey::from_der(spki);
  if (parsed) {
    key.public_key = *std::move(parsed);
  } else {
    key.unusable = parsed.error().message;
  }
}

}  // namespace

std::string status_text(std::uint16_t status) {
  const std::array<std::uint8_t, 2> bytes = {static_cast<std::uint8_t>(status >> 8),
                                             static_cast<std::uint8_t>(status)};
  return to_hex(bytes);
}

std::optional<unsigned> tries_in(std::uint16_t status) {
  if (status == status_blocked) return 0U;
  if ((status & 0xFFF0) == status_tries) return status & 0x0FU;
  return std::nullopt;
}

// SP 800-73-4 part 1, table 3; the retired slots follow each other.
ObjectId certificate_object(std::uint8_t slot) {
  std::uint8_t last = static_cast<std::uint8_t>(0x0D + slot - 0x82);
  if (slot == 0x9A) last = 0x05;
  if (slot == 0x9C) last = 0x0A;
  if (slot == 0x9D) last = 0x0B;
  if (slot == 0x9E) last = 0x01;
  if (slot == 0xF9) return {0x5F, 0xFF, 0x01};  // Yubico's, of the key that attests
  return {0x5F, 0xC1, last};
}

Result<PivCard> PivCard::open(std::unique_ptr<CardLink> link, std::string reader) {
  PivCard card(std::move(link), std::move(reader));
  TS_CHECK(card.select());
  TS_CHECK(card.ask_version_and_serial());
  return card;
}

Status PivCard::select() {
  TS_TRY(const CardAnswer answer, link_->transmit({ins_select, 0x04, 0x00, piv_application}));
  if (answer.good()) return ok();
  return Error{Code::device_not_found,
               "the card in reader \"" + printable(reader_) + "\" has no PIV application", ""};
}

Status PivCard::ask_version_and_serial() {
  TS_TRY(const CardAnswer version, link_->transmit({ins_version, 0, 0, {}}));
  if (!version.good()) return ok();  // another maker's card
  firmware_ = Firmware::parse(version.data);
  if (!firmware_) return Error{Code::device_failed, name() + " tells a malformed version", ""};
  if (firmware_->major_number < 5) return ask_old_serial();
  TS_TRY(serial_, ask_serial());
  return ok();
}

Result<std::optional<std::uint32_t>> PivCard::ask_serial() {
  if (!firmware_ || firmware_->major_number < 5) return std::optional<std::uint32_t>();
  TS_TRY(const CardAnswer answer, link_->transmit({ins_serial, 0, 0, {}}));
  const auto serial = Reader(answer.data).big_endian(4);
  if (!answer.good() || answer.data.size() != 4 || *serial == 0) {
    return std::optional<std::uint32_t>();
  }
  return std::optional(static_cast<std::uint32_t>(*serial));
}

// Before firmware 5 only the OTP application knows the serial, and it may be switched off.
Status PivCard::ask_old_serial() {
  TS_TRY(const CardAnswer selected, link_->transmit({ins_select, 0x04, 0x00, otp_application}));
  if (selected.good()) {
    TS_TRY(const CardAnswer answer, link_->transmit({ins_otp_serial, 0x10, 0x00, {}}));
    const auto serial = Reader(answer.data).big_endian(4);
    if (answer.good() && answer.data.size() == 4 && *serial != 0) {
      serial_ = static_cast<std::uint32_t>(*serial);
    }
  }
  return select();
}

std::string PivCard::name() const {
  if (is_yubikey() && serial_) return "YubiKey (serial " + std::to_string(*serial_) + ")";
  return std::string(is_yubikey() ? "YubiKey" : "PIV card") + " in reader \"" + printable(reader_) +
         "\"";
}

PivName PivCard::key_name(std::uint8_t slot) const {
  PivName name;
  name.slot = slot;
  name.any_maker = !is_yubikey() || !serial_;
  if (name.any_maker) {
    name.reader = reader_;
  } else {
    name.serial = serial_;
  }
  return name;
}

Result<std::optional<PinTries>> PivCard::tries(PinReference reference) {
  const auto which = static_cast<std::uint8_t>(reference);
  TS_TRY(const CardAnswer metadata, link_->transmit({ins_metadata, 0, which, {}}));
  const auto parsed = metadata.good() ? PinMetadata::parse(metadata.data) : std::nullopt;
  if (parsed) {
    return std::optional(PinTries{parsed->tries_left, parsed->tries_in_all, parsed->factory_value});
  }
  if (reference == PinReference::puk) return std::optional<PinTries>();
  // SP 800-73-4 part 2, section 3.2.1: without data it tells how many tries are left.
  TS_TRY(const CardAnswer answer, link_->transmit({ins_verify, 0, pin_reference, {}}));
  const auto left = tries_in(answer.status);
  if (!left) return std::optional<PinTries>();
  return std::optional(PinTries{*left, std::nullopt, false});
}

Result<std::optional<SlotKey>> PivCard::key(std::uint8_t slot) {
  TS_TRY(const CardAnswer answer, link_->transmit({ins_metadata, 0, slot, {}}));
  if (answer.status == status_no_reference) return std::optional<SlotKey>();
  if (!answer.good()) return key_from_certificates(slot);
  const auto metadata = SlotMetadata::parse(answer.data);
  if (!metadata) {
    return Error{Code::device_failed,
                 name() + " tells malformed metadata of slot " + slot_text(slot), ""};
  }
  SlotKey key;
  key.slot = slot;
  key.pin = pin_policy_of(slot, metadata->pin);
  key.touch = metadata->touch;
  key.origin = metadata->origin;
  set_public_key(key, metadata->public_key);
  if (!metadata->public_key.empty() || metadata->algorithm == 0x06) return std::optional(key);
  // It tells less than it should: a certificate may know the rest.
  TS_TRY(const auto other, key_from_certificates(slot));
  if (!other) return std::optional(key);
  key.public_key = other->public_key;
  key.unusable = other->unusable;
  return std::optional(key);
}

Result<std::optional<SlotKey>> PivCard::key_from_certificates(std::uint8_t slot) {
  SlotKey key;
  key.slot = slot;
  key.pin = pin_policy_of(slot, PinPolicy::unspecified);
  TS_TRY(const auto attested, attestation(slot));
  auto facts = attested ? CertificateFacts::parse(*attested) : std::nullopt;
  if (facts) {
    key.origin = SlotMetadata::Origin::generated;
    key.pin = pin_policy_of(slot, facts->pin);
    key.touch = facts->touch;
  } else {
    TS_TRY(const auto stored, certificate(slot));
    if (!stored || stored->compressed) return std::optional<SlotKey>();
    facts = CertificateFacts::parse(stored->der);
    if (!facts) return std::optional<SlotKey>();
  }
  set_public_key(key, facts->public_key);
  return std::optional(key);
}

Result<std::optional<Bytes>> PivCard::public_key_now(std::uint8_t slot) {
  TS_TRY(const CardAnswer answer, link_->transmit({ins_metadata, 0, slot, {}}));
  const auto metadata = answer.good() ? SlotMetadata::parse(answer.data) : std::nullopt;
  if (!metadata || metadata->public_key.empty()) {
    // An empty slot is an answer too: there is no key any more.
    return answer.status == status_no_reference ? std::optional<Bytes>(Bytes())
                                                : std::optional<Bytes>();
  }
  return std::optional(metadata->public_key);
}

Result<std::optional<SlotMetadata>> PivCard::metadata(std::uint8_t slot) {
  TS_TRY(const CardAnswer answer, link_->transmit({ins_metadata, 0, slot, {}}));
  if (!answer.good()) return std::optional<SlotMetadata>();
  return SlotMetadata::parse(answer.data);
}

Result<std::optional<ManagementMetadata>> PivCard::management_metadata() {
  TS_TRY(const CardAnswer answer, link_->transmit({ins_metadata, 0, management_slot, {}}));
  if (!answer.good()) return std::optional<ManagementMetadata>();
  return ManagementMetadata::parse(answer.data);
}

Result<std::optional<Bytes>> PivCard::object(const ObjectId& id) {
  const Bytes wanted = der::element(0x5C, {id});
  TS_TRY(CardAnswer answer, link_->transmit({ins_get_data, 0x3F, 0xFF, wanted}));
  // What was never written, or was deleted: absent, or an empty object.
  if (!answer.good() || answer.data == Bytes{0x53, 0x00}) return std::optional<Bytes>();
  return std::optional(std::move(answer.data));
}

Result<std::optional<StoredCertificate>> PivCard::certificate(std::uint8_t slot) {
  TS_TRY(const auto content, object(certificate_object(slot)));
  if (!content) return std::optional<StoredCertificate>();
  auto stored = StoredCertificate::parse(*content);
  if (stored) return stored;
  return Error{Code::device_failed,
               name() + " holds a malformed certificate object for slot " + slot_text(slot), ""};
}

Result<std::optional<Bytes>> PivCard::attestation(std::uint8_t slot) {
  TS_TRY(CardAnswer answer, link_->transmit({ins_attest, slot, 0, {}}));
  if (!answer.good()) return std::optional<Bytes>();
  return std::optional(std::move(answer.data));
}

Status PivCard::verify(const Secret& pin) {
  const std::string_view text = pin.reveal();
  if (text.size() < min_pin_bytes || text.size() > max_pin_bytes) {
    return Error{Code::device_pin_unusable, "a PIV PIN has 6 to 8 characters; none was tried", ""};
  }
  link_->reset_at_end();
  // SP 800-73-4 part 2, section 2.4.3: "padded to 8 bytes with 0xFF".
  std::array<std::uint8_t, max_pin_bytes> padded{};
  padded.fill(0xFF);
  for (std::size_t i = 0; i < text.size(); ++i) padded[i] = static_cast<std::uint8_t>(text[i]);
  const auto answer = link_->transmit({ins_verify, 0, pin_reference, padded});
  explicit_bzero(padded.data(), padded.size());
  if (!answer) return answer.error();
  if (answer->good()) return ok();
  const auto left = tries_in(answer->status);
  if (left == 0U) {
    return Error{Code::device_pin_locked, "the PIN of " + name() + " is blocked now", ""};
  }
  if (left) {
    return Error{Code::device_pin_wrong,
                 name() + " refuses the PIN; " +
                     (*left == 1 ? "1 try is" : std::to_string(*left) + " tries are") + " left",
                 ""};
  }
  return Error{Code::device_failed,
               name() + " answers " + status_text(answer->status) + " to the PIN", ""};
}

Result<CardAnswer> PivCard::authenticate(std::uint8_t slot, std::uint8_t algorithm,
                                         ByteView input) {
  // SP 800-73-4 part 2, section 3.2.4: 7C { 82 (empty: what is wanted), 81 what to sign }.
  const Bytes wanted = der::element(0x82, {});
  const Bytes challenge = der::element(0x81, {input});
  const Bytes data = der::element(0x7C, {wanted, challenge});
  return link_->transmit({ins_authenticate, algorithm, slot, data});
}

}  // namespace touchstone::hsm
