#include "hsm/piv_management.h"

#include <chrono>
#include <cstdint>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "hsm/piv_changes.h"

namespace touchstone::hsm {
namespace {

using crypto::BlockCipher;
using SteadyClock = std::chrono::steady_clock;

constexpr ObjectId admin_data = {0x5F, 0xFF, 0x00};
constexpr ObjectId printed = {0x5F, 0xC1, 0x09};

char lower(char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<BlockCipher> cipher_by_length(std::size_t size) {
  if (size == 16) return BlockCipher::aes128;
  if (size == 24) return BlockCipher::triple_des;
  if (size == 32) return BlockCipher::aes256;
  return std::nullopt;
}

// `wanted` is empty: there is none.
bool is_key(const std::optional<Secret>& kept, ByteView wanted) {
  return crypto::equal_in_constant_time(kept ? as_bytes(kept->reveal()) : ByteView(), wanted);
}

Status written(const PivCard& card, const Result<CardAnswer>& answer) {
  if (!answer) return answer.error();
  if (answer->good()) return ok();
  return Error{Code::device_failed,
               card.name() + " does not take its data (" + status_text(answer->status) + ")", ""};
}

}  // namespace

Result<ManagementFacts> management_facts(PivCard& card) {
  ManagementFacts facts;
  TS_TRY(const auto metadata, card.management_metadata());
  if (metadata) {
    facts.told = true;
    facts.cipher = metadata->cipher;
    facts.factory_value = metadata->factory_value;
    facts.touch = metadata->touch;
  }
  TS_TRY(const auto admin, card.object(admin_data));
  facts.behind_pin = admin && is_management_key_behind_pin(*admin);
  return facts;
}

Bytes factory_management_key() {
  Bytes key;
  for (std::uint8_t i = 0; i < 24; ++i) key.push_back(static_cast<std::uint8_t>(i % 8 + 1));
  return key;
}

Result<Secret> parse_management_key(const Secret& hex) {
  const std::string_view text = hex.reveal();
  Secret key;
  bool good = text.size() == 32 || text.size() == 48 || text.size() == 64;
  for (std::size_t i = 0; good && i < text.size(); i += 2) {
    const auto high = hex_value(lower(text[i]));
    const auto low = hex_value(lower(text[i + 1]));
    good = high && low && key.append(static_cast<char>(*high << 4 | *low));
  }
  if (good) return key;
  return Error{Code::device_management_key,
               "a management key is 32, 48 or 64 hex digits; none was tried", ""};
}

Result<crypto::BlockKey> management_key_for(const ManagementFacts& facts, ByteView key) {
  if (facts.told && !facts.cipher) {
    return Error{Code::device_unsupported, "the card's management key is of an unknown kind", ""};
  }
  const auto cipher = facts.cipher ? facts.cipher : cipher_by_length(key.size());
  auto made = cipher ? crypto::BlockKey::create(*cipher, key) : std::nullopt;
  if (made) return *std::move(made);
  const std::string wanted = cipher ? std::to_string(crypto::key_bytes(*cipher)) : "16, 24 or 32";
  return Error{Code::device_management_key,
               "the management key has " + std::to_string(key.size()) + " bytes, and the card's " +
                   wanted + "; none was tried",
               ""};
}

Credential ManagementAccess::needed() const {
  if (given_) return Credential::management_key;
  if (facts_.factory_value) return Credential::none;
  return facts_.behind_pin ? Credential::pin : Credential::management_key;
}

Status ManagementAccess::take(PivCard& card, const Secret& credential) {
  switch (needed()) {
    case Credential::management_key: {
      TS_TRY(auto key, parse_management_key(credential));
      return take_key(card, std::move(key));
    }
    case Credential::pin:
      return take_behind_pin(card, credential);
    default:
      return ok();
  }
}

Status ManagementAccess::take_key(PivCard& card, Secret key) {
  TS_TRY(auto whole, management_key_for(facts_, as_bytes(key.reveal())));
  TS_CHECK(prove_key(card, whole));
  key_ = std::move(whole);
  taken_ = std::move(key);
  return ok();
}

Status ManagementAccess::take_behind_pin(PivCard& card, const Secret& pin) {
  TS_TRY(const auto tries, card.tries());
  if (tries && tries->left == 0) {
    return Error{Code::device_pin_locked, "the PIN of " + card.name() + " is blocked", ""};
  }
  TS_CHECK(card.verify(pin));
  TS_TRY(auto object, card.object(printed));
  auto key = object ? management_key_behind_pin(*object) : std::nullopt;
  auto next = object ? next_management_key_behind_pin(*object) : std::nullopt;
  if (object) wipe(*object);
  if (!key) {
    return Error{Code::device_management_key,
                 card.name() + " says that its management key lies behind the PIN, and it does not",
                 "give it with --management-key FILE"};
  }
  const Status taken = take_key(card, *std::move(key));
  const bool refused = !taken && taken.error().code == Code::device_management_key;
  return refused && next ? take_key(card, *std::move(next)) : taken;
}

Status ManagementAccess::prove(PivCard& card) {
  if (key_) return prove_key(card, *key_);
  switch (needed()) {
    case Credential::none: {
      TS_TRY(const auto key, management_key_for(facts_, factory_management_key()));
      return prove_key(card, key);
    }
    case Credential::pin:
      return Error{Code::device_pin_needed, card.name() + " needs its PIN first", ""};
    default:
      return Error{Code::device_management_key, card.name() + " wants its management key", ""};
  }
}

Status ManagementAccess::prove_key(PivCard& card, const crypto::BlockKey& key) {
  if (on_touch_ && facts_.touch == TouchPolicy::always) on_touch_({card.name(), 1});
  const auto start = SteadyClock::now();
  auto proved = prove_management_key(card, key);
  if (!proved && proved.error().code == Code::device_management_key &&
      facts_.touch == TouchPolicy::always &&
      was_touch_timeout(facts_.touch, SteadyClock::now() - start)) {
    return Error{Code::device_touch_timeout, card.name() + " was not touched in time", ""};
  }
  return proved;
}

Result<Bytes> keep_key_behind_pin(PivCard& card, ByteView key, ByteView next) {
  TS_TRY(auto there, card.object(printed));
  const bool foreign = there && !management_key_behind_pin(*there);
  if (there) wipe(*there);
  TS_TRY(const auto now, card.object(admin_data));
  const auto marked = admin_data_with_key_behind_pin(now);
  if (foreign || !marked) {
    return Error{Code::device_unsupported,
                 card.name() + " has other data where a management key would lie behind the PIN",
                 "keep the management key in a file"};
  }
  TS_CHECK(written(card, put_key_behind_pin(card, printed, key, next)));
  TS_TRY(auto kept, card.object(printed));
  const bool whole = kept && is_key(management_key_behind_pin(*kept), key) &&
                     is_key(next_management_key_behind_pin(*kept), next);
  if (kept) wipe(*kept);
  if (!whole) {
    return Error{Code::device_failed, card.name() + " does not keep what it is given", ""};
  }
  Bytes before = now ? object_content(*now).value_or(Bytes()) : Bytes();
  TS_CHECK(written(card, put_object(card, admin_data, *marked)));
  return before;
}

Status leave_key_behind_pin(PivCard& card, ByteView key) {
  const Status left = written(card, put_key_behind_pin(card, printed, key, {}));
  if (left) return ok();
  return Error{Code::device_half_done,
               left.error().message +
                   "; left are: two management keys behind the PIN, of which the card has one",
               ""};
}

Status undo_key_behind_pin(PivCard& card, ByteView before) {
  const Status undone = written(card, put_object(card, admin_data, before));
  if (undone) return ok();
  return Error{Code::device_half_done,
               undone.error().message +
                   "; left is: a mark on the card that its management key lies behind the PIN",
               ""};
}

std::vector<std::string> factory_warnings(const PivCard& card, const std::optional<PinTries>& pin,
                                          const std::optional<PinTries>& puk,
                                          const ManagementFacts& facts) {
  std::vector<std::string> warnings;
  const auto warn = [&](const char* what, const char* command) {
    warnings.push_back("the " + std::string(what) + " of " + card.name() +
                       " is still the factory's, which everybody knows: change it with "
                       "`touchstone key pin " +
                       command + "`");
  };
  if (pin && pin->factory_pin) warn("PIN", "change");
  if (puk && puk->factory_pin) warn("PUK", "puk");
  if (facts.factory_value) warn("management key", "management-key");
  return warnings;
}

}  // namespace touchstone::hsm
