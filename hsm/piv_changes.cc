#include "hsm/piv_changes.h"

#include <algorithm>

#include "base/der.h"
#include "base/der_writer.h"
#include "base/limits.h"
#include "crypto/hash.h"

namespace touchstone::hsm {
namespace {

// SP 800-73-4 part 2 table 2; from 0xF6 on Yubico's.
constexpr std::uint8_t ins_change_reference = 0x24;
constexpr std::uint8_t ins_reset_retry_counter = 0x2C;
constexpr std::uint8_t ins_generate = 0x47;
constexpr std::uint8_t ins_authenticate = 0x87;
constexpr std::uint8_t ins_put_data = 0xDB;
constexpr std::uint8_t ins_move_key = 0xF6;
constexpr std::uint8_t ins_import = 0xFE;
constexpr std::uint8_t ins_set_management_key = 0xFF;

constexpr std::uint8_t management_slot = 0x9B;
constexpr std::size_t padded_pin_bytes = 8;

// Bytes that hold a secret, wiped at the end.
struct Wiped {
  Bytes bytes;
  Wiped() = default;
  ~Wiped() { wipe(bytes); }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;

  void add(ByteView more) { bytes.insert(bytes.end(), more.begin(), more.end()); }
};

// AA and AB, each with one byte; nothing for what is left to the card.
Bytes policy_elements(const KeyPolicies& policies) {
  Bytes out;
  std::uint8_t pin = 0;
  if (policies.pin == PinPolicy::never) pin = 1;
  if (policies.pin == PinPolicy::once) pin = 2;
  if (policies.pin == PinPolicy::always) pin = 3;
  std::uint8_t touch = 0;
  if (policies.touch == TouchPolicy::never) touch = 1;
  if (policies.touch == TouchPolicy::always) touch = 2;
  if (policies.touch == TouchPolicy::cached) touch = 3;
  if (pin != 0) out.insert(out.end(), {0xAA, 0x01, pin});
  if (touch != 0) out.insert(out.end(), {0xAB, 0x01, touch});
  return out;
}

// SP 800-73-4 part 2, section 2.4.3: "padded to 8 bytes with 0xFF".
void add_padded(Wiped& data, const Secret& pin) {
  data.add(as_bytes(pin.reveal()));
  for (std::size_t i = pin.size(); i < padded_pin_bytes; ++i) data.bytes.push_back(0xFF);
}

Result<CardAnswer> present_two(PivCard& card, std::uint8_t instruction, PinReference reference,
                               const Secret& first, const Secret& second) {
  if (std::max(first.size(), second.size()) > padded_pin_bytes) {
    return Error{Code::internal_error, "a PIN longer than 8 bytes reached the card's commands", ""};
  }
  Wiped data;
  data.bytes.reserve(2 * padded_pin_bytes);
  add_padded(data, first);
  add_padded(data, second);
  card.link()->reset_at_end();
  return card.link()->transmit(
      {instruction, 0x00, static_cast<std::uint8_t>(reference), data.bytes});
}

Error not_this_key(const PivCard& card, const CardAnswer& answer) {
  return Error{Code::device_management_key,
               card.name() + " refuses the management key (" + status_text(answer.status) + ")",
               ""};
}

Error proves_nothing(const PivCard& card) {
  return Error{Code::device_management_key,
               card.name() + " does not prove that it knows the management key", ""};
}

// The one element with this tag in a 7C.
std::optional<ByteView> element_in(ByteView answer, std::uint8_t tag) {
  Reader outer(answer);
  const auto content = der::expect(outer, 0x7C);
  if (!content || !outer.at_end()) return std::nullopt;
  Reader inner(*content);
  const auto value = der::expect(inner, tag);
  if (!value || !inner.at_end()) return std::nullopt;
  return value;
}

}  // namespace

Result<CardAnswer> make_card_key(PivCard& card, std::uint8_t slot, const PivAlgorithm& algorithm,
                                 const KeyPolicies& policies) {
  const Bytes wanted = {0x80, 0x01, algorithm.id};
  const Bytes data = der::element(0xAC, {wanted, policy_elements(policies)});
  return card.link()->transmit({ins_generate, 0x00, slot, data});
}

Result<CardAnswer> give_card_key(PivCard& card, std::uint8_t slot, const PivAlgorithm& algorithm,
                                 const crypto::KeyNumbers& numbers, const KeyPolicies& policies) {
  Wiped data;
  data.bytes.reserve(limits::max_card_answer_bytes);
  bool fits = true;
  // Tag, length, and the number with leading zeros up to `size`.
  const auto add = [&](std::uint8_t tag, const Secret& number, std::size_t size) {
    fits = fits && number.size() <= size;
    if (!fits) return;
    const Bytes header = der::element(tag, {Bytes(size)});
    data.add(ByteView(header).first(header.size() - size));
    data.bytes.resize(data.bytes.size() + size - number.size());
    data.add(as_bytes(number.reveal()));
  };
  if (algorithm.kind == crypto::KeyKind::rsa) {
    // The card takes the public exponent for 65537, and is not told it.
    fits = numbers.public_exponent == Bytes{0x01, 0x00, 0x01};
    const auto half = static_cast<std::size_t>(algorithm.bits) / 16;
    add(0x01, numbers.prime1, half);
    add(0x02, numbers.prime2, half);
    add(0x03, numbers.exponent1, half);
    add(0x04, numbers.exponent2, half);
    add(0x05, numbers.coefficient, half);
  } else {
    const bool edwards = algorithm.kind == crypto::KeyKind::ed25519;
    add(edwards ? 0x07 : 0x06, numbers.scalar, static_cast<std::size_t>(algorithm.bits) / 8);
  }
  if (!fits) {
    return Error{Code::device_unsupported,
                 "PIV cards take RSA keys with two primes of one size and the exponent 65537 only",
                 "make a key on the card instead"};
  }
  data.add(policy_elements(policies));
  return card.link()->transmit({ins_import, algorithm.id, slot, data.bytes});
}

Result<CardAnswer> delete_card_key(PivCard& card, std::uint8_t slot) {
  constexpr std::uint8_t nowhere = 0xFF;
  return card.link()->transmit({ins_move_key, nowhere, slot, {}});
}

Result<CardAnswer> put_object(PivCard& card, const ObjectId& id, ByteView content) {
  Bytes data = der::element(0x5C, {id});
  const Bytes object = der::element(0x53, {content});
  data.insert(data.end(), object.begin(), object.end());
  return card.link()->transmit({ins_put_data, 0x3F, 0xFF, data});
}

Result<CardAnswer> put_key_behind_pin(PivCard& card, const ObjectId& id, ByteView key,
                                      ByteView next) {
  const auto byte = [](std::size_t size) { return static_cast<std::uint8_t>(size); };
  const std::size_t size = 2 + key.size() + (next.empty() ? 0 : 2 + next.size());
  Wiped data;
  data.bytes.reserve(9 + size);
  data.add(Bytes{0x5C, 0x03, id[0], id[1], id[2], 0x53, byte(2 + size), 0x88, byte(size)});
  data.add(Bytes{0x89, byte(key.size())});
  data.add(key);
  if (!next.empty()) {
    data.add(Bytes{0x8A, byte(next.size())});
    data.add(next);
  }
  return card.link()->transmit({ins_put_data, 0x3F, 0xFF, data.bytes});
}

Result<CardAnswer> set_management_key(PivCard& card, crypto::BlockCipher cipher, ByteView key,
                                      bool touch) {
  Wiped data;
  data.bytes.reserve(3 + key.size());
  data.bytes = {management_algorithm(cipher), management_slot,
                static_cast<std::uint8_t>(key.size())};
  data.add(key);
  const std::uint8_t how = touch ? 0xFE : 0xFF;
  return card.link()->transmit({ins_set_management_key, 0xFF, how, data.bytes});
}

Status prove_management_key(PivCard& card, const crypto::BlockKey& key) {
  const std::uint8_t algorithm = management_algorithm(key.cipher());
  const std::size_t size = crypto::block_bytes(key.cipher());
  card.link()->reset_at_end();

  // "The client application requests a witness": the card's, encrypted.
  const Bytes request = {0x7C, 0x02, 0x80, 0x00};
  TS_TRY(const CardAnswer first,
         card.link()->transmit({ins_authenticate, algorithm, management_slot, request}));
  if (!first.good()) return not_this_key(card, first);
  const auto encrypted = element_in(first.data, 0x80);
  const auto witness = encrypted ? key.decrypt(*encrypted) : std::nullopt;
  if (!witness) return proves_nothing(card);

  // The witness decrypted proves that we know the key; the card has to encrypt our challenge.
  const Bytes challenge = crypto::random_bytes(size);
  const Bytes data =
      der::element(0x7C, {der::element(0x80, {*witness}), der::element(0x81, {challenge})});
  TS_TRY(const CardAnswer second,
         card.link()->transmit({ins_authenticate, algorithm, management_slot, data}));
  if (!second.good()) return not_this_key(card, second);
  const auto response = element_in(second.data, 0x82);
  const auto expected = key.encrypt(challenge);
  if (!response || !expected || !crypto::equal_in_constant_time(*response, *expected)) {
    return proves_nothing(card);
  }
  return ok();
}

Result<CardAnswer> change_reference(PivCard& card, PinReference reference, const Secret& current,
                                    const Secret& next) {
  return present_two(card, ins_change_reference, reference, current, next);
}

Result<CardAnswer> reset_pin(PivCard& card, const Secret& puk, const Secret& next) {
  return present_two(card, ins_reset_retry_counter, PinReference::pin, puk, next);
}

}  // namespace touchstone::hsm
