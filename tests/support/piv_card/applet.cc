#include "tests/support/piv_card/applet.h"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "crypto/hash.h"

namespace touchstone::piv_card {
namespace {

constexpr std::uint16_t security_status = 0x6982;
constexpr std::uint16_t blocked = 0x6983;
constexpr std::uint16_t conditions = 0x6985;
constexpr std::uint16_t wrong_data = 0x6A80;
constexpr std::uint16_t not_found = 0x6A82;
constexpr std::uint16_t wrong_parameters = 0x6A86;
constexpr std::uint16_t no_reference = 0x6A88;
constexpr std::uint16_t unknown_instruction = 0x6D00;
constexpr std::uint16_t done = 0x9000;

constexpr std::uint8_t attestation_slot = 0xF9;
constexpr std::uint8_t management_slot = 0x9B;
constexpr std::uint8_t pin_reference = 0x80;
constexpr std::uint8_t puk_reference = 0x81;
constexpr std::size_t pin_bytes = 8;

const Bytes printed_object = {0x5F, 0xC1, 0x09};
const Bytes admin_object = {0x5F, 0xFF, 0x00};

const Bytes piv_application = {0xA0, 0x00, 0x00, 0x03, 0x08};
const Bytes management_application = {0xA0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17};
const Bytes otp_application = {0xA0, 0x00, 0x00, 0x05, 0x27, 0x20, 0x01, 0x01};

Bytes padded(const std::string& text) {
  Bytes out = to_bytes(text);
  out.resize(pin_bytes, 0xFF);
  return out;
}

bool is_slot(std::uint8_t slot) {
  return slot == 0x9A || (slot >= 0x9C && slot <= 0x9E) || (slot >= 0x82 && slot <= 0x95);
}

Bytes big_endian(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
          static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

std::uint8_t default_pin_policy(std::uint8_t slot) {
  if (slot == 0x9C) return 3;
  return slot == 0x9E ? 1 : 2;
}

std::uint8_t first_byte(const std::map<std::uint8_t, Bytes>& elements, std::uint8_t tag) {
  const auto found = elements.find(tag);
  return found == elements.end() || found->second.empty() ? std::uint8_t{0} : found->second[0];
}

const EVP_CIPHER* management_cipher_of(std::uint8_t id) {
  switch (id) {
    case 0x08:
      return EVP_aes_128_ecb();
    case 0x0A:
      return EVP_aes_192_ecb();
    case 0x0C:
      return EVP_aes_256_ecb();
    default:
      return EVP_des_ede3_ecb();
  }
}

std::size_t management_key_bytes(std::uint8_t id) { return id == 0x08 ? 16 : id == 0x0C ? 32 : 24; }

Bytes factory_management_key() {
  Bytes key;
  for (int i = 0; i < 24; ++i) key.push_back(static_cast<std::uint8_t>(1 + i % 8));
  return key;
}

Answer wrapped(std::uint8_t tag, const Bytes& value) { return Answer(tlv(0x7C, tlv(tag, value))); }

}  // namespace

std::optional<Bytes> certificate_object(std::uint8_t slot) {
  switch (slot) {
    case 0x9A:
      return Bytes{0x5F, 0xC1, 0x05};
    case 0x9C:
      return Bytes{0x5F, 0xC1, 0x0A};
    case 0x9D:
      return Bytes{0x5F, 0xC1, 0x0B};
    case 0x9E:
      return Bytes{0x5F, 0xC1, 0x01};
    case attestation_slot:
      return Bytes{0x5F, 0xFF, 0x01};
    default:
      if (!is_slot(slot)) return std::nullopt;
      return Bytes{0x5F, 0xC1, static_cast<std::uint8_t>(0x0D + slot - 0x82)};
  }
}

Applet::Applet() : attester_(firmware_) { factory_values(); }

void Applet::set_firmware(std::uint32_t firmware) {
  firmware_ = firmware;
  other_maker_ = false;
  attester_ = Attester(firmware);
  factory_values();
}

void Applet::set_fips(bool fips) {
  attester_ = Attester(firmware_, fips);
  store_attesting_certificate();
}

void Applet::replace_attester() {
  attester_ = Attester::of_owner(firmware_);
  store_attesting_certificate();
}

void Applet::store_attesting_certificate() {
  objects_[*certificate_object(attestation_slot)] =
      concatenated({tlv(0x70, attester_.device_certificate()), {0x71, 0x01, 0x00, 0xFE, 0x00}});
}

void Applet::factory_values() {
  pin_ = {padded("123456")};
  puk_ = {padded("12345678")};
  keys_.clear();
  objects_.clear();
  // From 5.7 on the same 24 bytes are an AES-192 key.
  management_algorithm_ = firmware_ >= 0x050700 ? 0x0A : 0x03;
  management_key_ = factory_management_key();
  store_attesting_certificate();
  power_cycle();
}

void Applet::power_cycle() {
  selected_ = Selected::none;
  pin_verified_ = false;
  right_after_verify_ = false;
  managed_ = false;
  witness_.clear();
}

Answer Applet::run(const Command& command) {
  const bool right_after_verify = std::exchange(right_after_verify_, false);
  if (command.ins == ins::select) return select(command);
  if (selected_ == Selected::management) {
    return command.ins == 0x01 && command.p1 == 0x10 ? Answer(big_endian(serial_))
                                                     : Answer(unknown_instruction);
  }
  if (selected_ != Selected::piv) return unknown_instruction;
  if (command.ins == ins::general_authenticate) {
    return general_authenticate(command, right_after_verify);
  }
  return run_piv(command);
}

Answer Applet::run_piv(const Command& command) {
  // From this one on they are Yubico's.
  if (other_maker_ && command.ins >= ins::move_key) return unknown_instruction;
  switch (command.ins) {
    case ins::verify:
      return verify(command);
    case ins::change_reference:
      return change_reference(command);
    case ins::reset_retry_counter:
      return reset_retry_counter(command);
    case ins::generate:
      return generate(command);
    case ins::get_data:
      return get_data(command);
    case ins::put_data:
      return put_data(command);
    case ins::move_key:
      return move_key(command);
    case ins::get_metadata:
      return metadata(command.p2);
    case ins::get_serial:
      return firmware_ >= 0x050000 ? Answer(big_endian(serial_)) : Answer(unknown_instruction);
    case ins::attest:
      return attest(command.p1);
    case ins::set_retries:
      return set_retries(command);
    case ins::reset:
      return reset_to_factory();
    case ins::get_version: {
      const Bytes whole = big_endian(firmware_);
      return Answer(Bytes(whole.begin() + 1, whole.end()));
    }
    case ins::import_key:
      return import_key(command);
    case ins::set_management_key:
      return set_management_key(command);
    default:
      return unknown_instruction;
  }
}

Answer Applet::select(const Command& command) {
  const auto names = [&](const Bytes& application) {
    return command.data.size() >= application.size() &&
           std::equal(application.begin(), application.end(), command.data.begin());
  };
  if (names(piv_application)) {
    // Selected again, it keeps what was proven; another application does away with that.
    if (selected_ != Selected::piv) power_cycle();
    selected_ = Selected::piv;
    return Answer(Bytes{0x61, 0x11, 0x4F, 0x06, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00, 0x79, 0x07,
                        0x4F, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08});
  }
  if (!other_maker_ && (names(management_application) || names(otp_application))) {
    power_cycle();
    selected_ = Selected::management;
    return Answer(to_bytes("Virtual mgr"));
  }
  return not_found;
}

bool Applet::present(Reference& reference, ByteView value, std::uint16_t& refusal) const {
  if (reference.left == 0) {
    refusal = blocked;
    return false;
  }
  if (std::ranges::equal(reference.value, value)) {
    reference.left = reference.total;
    return true;
  }
  --reference.left;
  refusal = reference.left == 0 ? blocked : static_cast<std::uint16_t>(0x63C0 | reference.left);
  return false;
}

Answer Applet::verify(const Command& command) {
  if (command.p2 != pin_reference) return no_reference;
  if (command.p1 == 0xFF) {
    pin_verified_ = false;
    return done;
  }
  if (command.data.empty()) {
    if (pin_verified_) return done;
    return pin_.left == 0 ? blocked : static_cast<std::uint16_t>(0x63C0 | pin_.left);
  }
  if (command.data.size() != pin_bytes) return wrong_data;
  std::uint16_t refusal = 0;
  pin_verified_ = present(pin_, command.data, refusal);
  right_after_verify_ = pin_verified_;
  return pin_verified_ ? done : refusal;
}

Answer Applet::change_reference(const Command& command) {
  if (command.p2 != pin_reference && command.p2 != puk_reference) return no_reference;
  if (command.data.size() != 2 * pin_bytes) return wrong_data;
  Reference& reference = command.p2 == pin_reference ? pin_ : puk_;
  std::uint16_t refusal = 0;
  if (!present(reference, ByteView(command.data).first(pin_bytes), refusal)) return refusal;
  reference.value.assign(command.data.begin() + pin_bytes, command.data.end());
  return done;
}

Answer Applet::reset_retry_counter(const Command& command) {
  if (command.p2 != pin_reference) return no_reference;
  if (command.data.size() != 2 * pin_bytes) return wrong_data;
  std::uint16_t refusal = 0;
  if (!present(puk_, ByteView(command.data).first(pin_bytes), refusal)) return refusal;
  pin_.value.assign(command.data.begin() + pin_bytes, command.data.end());
  pin_.left = pin_.total;
  return done;
}

Answer Applet::metadata(std::uint8_t slot) const {
  if (firmware_ < 0x050300) return unknown_instruction;
  Bytes out;
  const auto add = [&](std::uint8_t tag, const Bytes& value) {
    if (metadata_without_.contains(tag)) return;
    const Bytes element = tlv(tag, value);
    out.insert(out.end(), element.begin(), element.end());
  };
  const auto flag = [](bool holds) { return Bytes{static_cast<std::uint8_t>(holds ? 1 : 0)}; };
  if (slot == pin_reference || slot == puk_reference) {
    const Reference& reference = slot == pin_reference ? pin_ : puk_;
    const std::string factory = slot == pin_reference ? "123456" : "12345678";
    add(0x01, {0xFF});
    add(0x05, flag(reference.value == padded(factory)));
    add(0x06,
        {static_cast<std::uint8_t>(reference.total), static_cast<std::uint8_t>(reference.left)});
    return Answer(out);
  }
  if (slot == management_slot) {
    add(0x01, {management_algorithm_});
    add(0x02, {0x00, 0x01});
    add(0x05, flag(management_key_ == factory_management_key()));
    return Answer(out);
  }
  const auto found = keys_.find(slot);
  if (found == keys_.end()) return no_reference;
  const CardKey& key = found->second;
  add(0x01, {key.algorithm});
  add(0x02, {key.pin_policy, key.touch_policy});
  const bool lies = lies_.contains(Lie::origin);
  add(0x03, {lies ? static_cast<std::uint8_t>(3 - key.origin) : key.origin});
  add(0x04, public_key_tlv(key));
  return Answer(out);
}

bool Applet::touched() const {
  std::this_thread::sleep_for(touch_.delay);
  return !touch_.never;
}

Answer Applet::general_authenticate(const Command& command, bool right_after_verify) {
  if (command.p2 == management_slot) return authenticate_manager(command);
  const auto found = keys_.find(command.p2);
  if (found == keys_.end()) return wrong_data;
  if (found->second.algorithm != command.p1) return wrong_parameters;
  const auto outer = parse_tlv(command.data);
  if (!outer || !outer->contains(0x7C)) return wrong_data;
  const auto inner = parse_tlv(outer->at(0x7C));
  if (!inner || !inner->contains(0x81) || !inner->contains(0x82)) return wrong_data;
  return sign(found->second, inner->at(0x81), right_after_verify);
}

Answer Applet::sign(const CardKey& key, const Bytes& input, bool right_after_verify) {
  if (key.pin_policy == 2 && !pin_verified_) return security_status;
  if (key.pin_policy == 3 && !right_after_verify) return security_status;
  if (key.touch_policy != 1 && !touched()) return security_status;
  auto signature = one_nonce_ ? ecdsa_with_one_nonce(key, input) : private_operation(key, input);
  if (!signature) return wrong_data;
  if (fault_signatures_) signature->back() ^= 0x01;
  return wrapped(0x82, *signature);
}

Bytes Applet::management_cipher(const Bytes& block) const {
  const crypto::Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context(EVP_CIPHER_CTX_new());
  EVP_EncryptInit_ex(context.get(), management_cipher_of(management_algorithm_), nullptr,
                     management_key_.data(), nullptr);
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  Bytes out(block.size() + 16);
  int size = 0;
  EVP_EncryptUpdate(context.get(), out.data(), &size, block.data(), static_cast<int>(block.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

// SP 800-73-4 part 2, appendix A.1: the card proves itself with a witness (mutual), or only the
// manager does with a challenge (single).
Answer Applet::authenticate_manager(const Command& command) {
  const std::uint8_t wanted = command.p1 == 0 ? std::uint8_t{0x03} : command.p1;
  if (wanted != management_algorithm_) return wrong_parameters;
  const std::size_t block = management_algorithm_ == 0x03 ? 8 : 16;
  const auto outer = parse_tlv(command.data);
  const auto inner = outer && outer->contains(0x7C) ? parse_tlv(outer->at(0x7C)) : std::nullopt;
  if (!inner) return wrong_data;
  const Bytes witness = std::exchange(witness_, {});
  if (inner->contains(0x80) && inner->at(0x80).empty()) {
    witness_ = crypto::random_bytes(block);
    witness_is_challenge_ = false;
    return wrapped(0x80, management_cipher(witness_));
  }
  if (inner->contains(0x81) && inner->at(0x81).empty()) {
    witness_ = crypto::random_bytes(block);
    witness_is_challenge_ = true;
    return wrapped(0x81, witness_);
  }
  if (witness.empty()) return conditions;
  if (witness_is_challenge_) {
    if (!inner->contains(0x82) || inner->at(0x82) != management_cipher(witness)) {
      return security_status;
    }
    managed_ = true;
    return done;
  }
  if (!inner->contains(0x80) || !inner->contains(0x81)) return wrong_data;
  if (lies_.contains(Lie::manager)) {
    managed_ = true;
    return wrapped(0x82, crypto::random_bytes(block));
  }
  if (inner->at(0x80) != witness || inner->at(0x81).size() != block) return security_status;
  managed_ = true;
  return wrapped(0x82, management_cipher(inner->at(0x81)));
}

void Applet::store_key(std::uint8_t slot, std::uint8_t id, std::uint8_t pin_policy,
                       std::uint8_t touch_policy, std::uint8_t origin, crypto::Pkey key) {
  CardKey stored;
  if (lies_.contains(Lie::policies)) pin_policy = touch_policy = 1;
  stored.algorithm = id;
  stored.pin_policy = pin_policy == 0 ? default_pin_policy(slot) : pin_policy;
  stored.touch_policy = touch_policy == 0 ? std::uint8_t{1} : touch_policy;
  stored.origin = origin;
  stored.key = std::move(key);
  keys_[slot] = std::move(stored);
}

Answer Applet::generate(const Command& command) {
  if (!managed_) return security_status;
  const auto outer = parse_tlv(command.data);
  const auto inner = outer && outer->contains(0xAC) ? parse_tlv(outer->at(0xAC)) : std::nullopt;
  const std::uint8_t id = inner ? first_byte(*inner, 0x80) : std::uint8_t{0};
  if (!is_slot(command.p2) || !knows(firmware_, id)) return wrong_data;
  store_key(command.p2, id, first_byte(*inner, 0xAA), first_byte(*inner, 0xAB), 1,
            generate_key(id));
  CardKey told;
  told.algorithm = id;
  if (lies_.contains(Lie::made_key)) told.key = generate_key(id);
  return Answer(tlv({0x7F, 0x49}, public_key_tlv(told.key ? told : keys_[command.p2])));
}

Answer Applet::import_key(const Command& command) {
  if (!managed_) return security_status;
  const auto parts = parse_tlv(command.data);
  if (!parts || !is_slot(command.p2) || !knows(firmware_, command.p1)) return wrong_data;
  const auto part = [&](std::uint8_t tag) {
    const auto found = parts->find(tag);
    return found == parts->end() ? Bytes() : found->second;
  };
  crypto::Pkey key;
  if (command.p1 == algorithm::p256 || command.p1 == algorithm::p384) {
    key = import_ec(command.p1, part(0x06));
  } else if (command.p1 == algorithm::ed25519) {
    key = import_ed25519(part(0x07));
  } else {
    key = import_rsa(command.p1, part(0x01), part(0x02));
  }
  if (key == nullptr) return wrong_data;
  store_key(command.p2, command.p1, first_byte(*parts, 0xAA), first_byte(*parts, 0xAB), 2,
            std::move(key));
  return done;
}

Answer Applet::move_key(const Command& command) {
  if (firmware_ < 0x050700) return unknown_instruction;
  if (!managed_) return security_status;
  const auto found = keys_.find(command.p2);
  if (found == keys_.end()) return no_reference;
  if (lies_.contains(Lie::deleted)) return done;
  CardKey key = std::move(found->second);
  keys_.erase(found);
  if (command.p1 != 0xFF) keys_[command.p1] = std::move(key);
  return done;
}

Answer Applet::get_data(const Command& command) const {
  const auto wanted = parse_tlv(command.data);
  if (!wanted || !wanted->contains(0x5C)) return wrong_data;
  // SP 800-73-4 part 1, table 2: printed information is read after the PIN.
  if (wanted->at(0x5C) == printed_object && !pin_verified_) return security_status;
  const auto found = objects_.find(wanted->at(0x5C));
  if (found == objects_.end() || found->second.empty()) return not_found;
  return Answer(tlv(0x53, found->second));
}

Answer Applet::put_data(const Command& command) {
  if (!managed_) return security_status;
  const auto parts = parse_tlv(command.data);
  if (!parts || !parts->contains(0x5C) || !parts->contains(0x53)) return wrong_data;
  if (parts->at(0x53).size() > 3063) return wrong_data;
  if (lies_.contains(Lie::stored)) return done;
  objects_[parts->at(0x5C)] = parts->at(0x53);
  return done;
}

Answer Applet::attest(std::uint8_t slot) const {
  if (firmware_ < 0x040300) return unknown_instruction;
  const auto found = keys_.find(slot);
  if (found == keys_.end()) return no_reference;
  if (found->second.origin != 1) return wrong_data;
  if (lies_.contains(Lie::attested_key)) {
    const CardKey other{.algorithm = algorithm::p256,
                        .pin_policy = found->second.pin_policy,
                        .touch_policy = found->second.touch_policy,
                        .key = generate_key(algorithm::p256)};
    return Answer(attester_.attest(other, {slot, firmware_, serial_}));
  }
  return Answer(attester_.attest(found->second, {slot, firmware_, serial_}));
}

Answer Applet::set_management_key(const Command& command) {
  if (!managed_) return security_status;
  const Bytes& data = command.data;
  if (data.size() < 3 || data[1] != management_slot || data[2] != data.size() - 3 ||
      data[2] != management_key_bytes(data[0])) {
    return wrong_data;
  }
  if (data[0] != 0x03 && firmware_ < 0x050402) return wrong_data;
  if (lies_.contains(Lie::management_key)) return done;
  management_algorithm_ = data[0];
  management_key_.assign(data.begin() + 3, data.end());
  return done;
}

bool Applet::set_management(std::uint8_t id, const Bytes& key) {
  if (key.size() != management_key_bytes(id)) return false;
  management_algorithm_ = id;
  management_key_ = key;
  return true;
}

// As Yubico's tools do it.
void Applet::put_management_key_behind_pin() {
  objects_[admin_object] = tlv(0x80, tlv(0x81, Bytes{0x02}));
  objects_[printed_object] = tlv(0x88, tlv(0x89, management_key_));
}

Answer Applet::set_retries(const Command& command) {
  if (!managed_ || !pin_verified_) return security_status;
  if (command.p1 == 0 || command.p2 == 0) return wrong_parameters;
  pin_ = {padded("123456"), command.p1, command.p1};
  puk_ = {padded("12345678"), command.p2, command.p2};
  return done;
}

Answer Applet::reset_to_factory() {
  if (pin_.left != 0 || puk_.left != 0) return conditions;
  const Selected selected = selected_;
  factory_values();
  selected_ = selected;
  return done;
}

void Applet::make_key(std::uint8_t slot, std::uint8_t id, std::uint8_t pin_policy,
                      std::uint8_t touch_policy, std::uint8_t origin) {
  store_key(slot, id, pin_policy, touch_policy, origin, generate_key(id));
}

void Applet::make_certificate(std::uint8_t slot, const std::string& common_name, bool compressed) {
  const auto object = certificate_object(slot);
  const auto key = keys_.find(slot);
  if (!object || key == keys_.end()) return;
  const auto how = static_cast<std::uint8_t>(compressed ? 1 : 0);
  objects_[*object] = concatenated(
      {tlv(0x70, plain_certificate(key->second, common_name)), {0x71, 0x01, how, 0xFE, 0x00}});
}

}  // namespace touchstone::piv_card
