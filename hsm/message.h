// What this process and the one that holds a module tell each other (hsm/module_process.h).
//
// Whole numbers are big-endian; text and lists begin with their length in four bytes, an optional
// value and a choice with one byte. A reader refuses, by finished(), what does not end where its
// bytes do, lengths past the end, and what is none of the choices; nothing is allocated for a
// length that is not there. Both sides are one program, so there is no version. Secrets never go
// into a message: they travel beside it.
#pragma once

#include <algorithm>
#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "base/key_device.h"
#include "base/reader.h"
#include "hsm/key_manager.h"
#include "hsm/pkcs11_uri.h"

namespace touchstone::hsm {

enum class Operation : std::uint8_t {
  open_key,
  open_key_manager,
  open_pin_manager,
  list_keys,
  read_public_key,
  close,  // of what was opened
  // A key
  unlock,
  public_key,
  sign,
  sign_digest,
  // A key manager
  authorize,
  holding,
  generate,
  import_key,
  remove,
  store_certificate,
  // A PIN manager
  change_pin,
  unblock_pin,
  change_puk,
  change_management_key,
};

// A KeyManager's place, and what its needed_for() says.
struct ManagerState {
  KeyPlace place;
  Credential for_key = Credential::none;
  Credential for_removal = Credential::none;
  Credential for_certificate = Credential::none;
};

// The last of each choice.
inline Code last_of(Code) { return all_codes().back().code; }
constexpr Scheme last_of(Scheme) { return Scheme::ed25519ph; }
constexpr TouchPolicy last_of(TouchPolicy) { return TouchPolicy::cached; }
constexpr KeyDescription::Tries last_of(KeyDescription::Tries) {
  return KeyDescription::Tries::locked;
}
constexpr crypto::KeyKind last_of(crypto::KeyKind) { return crypto::KeyKind::ed25519; }
constexpr PinPolicy last_of(PinPolicy) { return PinPolicy::always; }
constexpr Existing last_of(Existing) { return Existing::replace; }
constexpr Credential last_of(Credential) { return Credential::new_passphrase; }
constexpr Pkcs11Uri::Type last_of(Pkcs11Uri::Type) { return Pkcs11Uri::Type::data; }
constexpr Operation last_of(Operation) { return Operation::change_management_key; }

// The members of each type that is sent, once for both directions.
template <class T, class Wanted>
concept Either = std::same_as<std::remove_const_t<T>, Wanted>;

template <class Message>
void fields(Message& message, Either<Error> auto& error) {
  message(error.code, error.message, error.hint);
}

template <class Message>
void fields(Message& message, Either<KeyDescription::Fact> auto& fact) {
  message(fact.name, fact.value);
}

template <class Message>
void fields(Message& message, Either<KeyDescription> auto& key) {
  message(key.name, key.device, key.hardware, key.public_key, key.needs_pin,
          key.pin_for_each_signature, key.touch, key.certificate, key.pin_source, key.cosign_file,
          key.tries, key.tries_left, key.facts);
}

template <class Message>
void fields(Message& message, Either<KeyPlace> auto& place) {
  message(place.device, place.hardware, place.pin_source, place.tries, place.warnings,
          place.factory_values);
}

template <class Message>
void fields(Message& message, Either<ManagerState> auto& state) {
  message(state.place, state.for_key, state.for_removal, state.for_certificate);
}

template <class Message>
void fields(Message& message, Either<Holding> auto& holding) {
  message(holding.things, holding.key, holding.public_key, holding.certificate, holding.fixed);
}

template <class Message>
void fields(Message& message, Either<KeyPolicies> auto& policies) {
  message(policies.pin, policies.touch);
}

template <class Message>
void fields(Message& message, Either<PinState> auto& state) {
  message(state.device, state.hardware, state.pin_noun, state.puk_noun, state.pin_source,
          state.pin_tries, state.puk_tries, state.min_pin_bytes, state.max_pin_bytes, state.has_puk,
          state.has_management_key, state.factory_pin, state.factory_puk,
          state.factory_management_key, state.management_key_behind_pin, state.warnings);
}

template <class Message>
void fields(Message& message, Either<Pkcs11Uri::LibraryVersion> auto& version) {
  message(version.major_number, version.minor_number);
}

template <class Message>
void fields(Message& message, Either<Pkcs11Uri> auto& uri) {
  message(uri.token, uri.manufacturer, uri.serial, uri.model, uri.slot_id, uri.slot_description,
          uri.slot_manufacturer, uri.library_manufacturer, uri.library_description,
          uri.library_version, uri.object, uri.id, uri.type, uri.module_name, uri.module_path,
          uri.pin_source);
}

class MessageWriter {
 public:
  template <class... T>
  MessageWriter& operator()(const T&... values) {
    (put(values), ...);
    return *this;
  }
  void append(const MessageWriter& other) {
    bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  void put_number(std::uint64_t value, unsigned width) {
    for (unsigned shift = 8 * width; shift > 0; shift -= 8) {
      bytes_.push_back(static_cast<std::uint8_t>(value >> (shift - 8)));
    }
  }
  template <class T>
  void put(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      bytes_.push_back(static_cast<std::uint8_t>(value));
    } else if constexpr (std::is_arithmetic_v<T>) {
      put_number(static_cast<std::uint64_t>(value), sizeof value);
    } else {
      fields(*this, value);
    }
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  void put(const std::vector<T>& list) {
    put_number(list.size(), 4);
    for (const T& value : list) put(value);
  }
  void put(const Bytes& bytes) { put_octets(bytes); }
  void put(const std::string& text) { put_octets(as_bytes(text)); }
  void put(const crypto::PublicKey& key) { put_octets(key.der()); }
  void put_octets(ByteView octets) {
    put_number(octets.size(), 4);
    bytes_.insert(bytes_.end(), octets.begin(), octets.end());
  }

  Bytes bytes_;
};

class MessageReader {
 public:
  explicit MessageReader(ByteView bytes) : reader_(bytes) {}

  // What could not be read is as it was.
  template <class... T>
  MessageReader& operator()(T&... values) {
    ((good_ = good_ && get(values)), ...);
    return *this;
  }

  // All was well so far; and nothing is left.
  bool good() const { return good_; }
  bool finished() const { return good_ && reader_.at_end(); }

 private:
  bool get_number(std::uint64_t& value, std::size_t width) {
    const auto read = reader_.big_endian(width);
    if (read) value = *read;
    return read.has_value();
  }
  template <class T>
  bool get(T& value) {
    if constexpr (std::is_enum_v<T>) {
      const auto read = reader_.byte();
      if (!read || *read > static_cast<std::uint8_t>(last_of(T()))) return false;
      value = static_cast<T>(*read);
      return true;
    } else if constexpr (std::is_same_v<T, bool>) {
      const auto read = reader_.byte();
      if (!read || *read > 1) return false;
      value = *read == 1;
      return true;
    } else if constexpr (std::is_arithmetic_v<T>) {
      std::uint64_t read = 0;
      if (!get_number(read, sizeof value)) return false;
      value = static_cast<T>(read);
      return true;
    } else {
      fields(*this, value);
      return good_;
    }
  }
  template <class T>
  bool get(std::optional<T>& value) {
    bool present = false;
    if (!get(present)) return false;
    value.reset();
    if (!present) return true;
    value = T{};
    return get(*value);
  }
  bool get(std::optional<crypto::PublicKey>& key) {
    bool present = false;
    Bytes der;
    if (!get(present)) return false;
    key.reset();
    if (!present) return true;
    if (!get(der)) return false;
    auto parsed = crypto::PublicKey::from_der(der);
    if (parsed) key = *std::move(parsed);
    return key.has_value();
  }
  template <class T>
  bool get(std::vector<T>& list) {
    std::uint64_t count = 0;
    // Each has a byte at least.
    if (!get_number(count, 4) || count > reader_.left()) return false;
    list.clear();
    while (list.size() < count) {
      if (!get(list.emplace_back())) return false;
    }
    return true;
  }
  bool get(Bytes& bytes) {
    const auto octets = get_octets();
    if (octets) bytes.assign(octets->begin(), octets->end());
    return octets.has_value();
  }
  bool get(std::string& text) {
    const auto octets = get_octets();
    if (octets) text = as_text(*octets);
    return octets.has_value();
  }
  std::optional<ByteView> get_octets() {
    std::uint64_t size = 0;
    if (!get_number(size, 4)) return std::nullopt;
    return reader_.take(size);
  }

  Reader reader_;
  bool good_ = true;
};

}  // namespace touchstone::hsm
