#include "hsm/token_session.h"

#include <array>
#include <cstring>
#include <utility>

#include "base/limits.h"
#include "hsm/cryptoki_error.h"

namespace touchstone::hsm {
namespace {

// RSA of limits::max_rsa_bits gives the longest signature.
constexpr std::size_t max_signature_bytes = limits::max_rsa_bits / 8;

Error absurd(std::string what) {
  return Error{Code::device_module, "the module claims " + std::move(what), ""};
}

// Cryptoki takes what it only reads through pointers that could write.
void* without_const(const void* pointer) { return const_cast<void*>(pointer); }

const ck::Byte* octets(const Secret& secret) {
  return reinterpret_cast<const ck::Byte*>(secret.reveal().data());
}

// The officer's PIN is the user's PUK: a wrong one must not read like a wrong PIN.
Error officer_error(ck::Rv value, std::string_view what) {
  Error error = cryptoki_error(value, what);
  if (error.code == Code::device_pin_wrong) error.code = Code::device_puk_wrong;
  if (error.code == Code::device_pin_locked) error.code = Code::device_puk_locked;
  return error;
}

// PKCS#11 v2.40 section 5.5: about the new PIN; a wrong current one is CKR_PIN_INCORRECT.
Error new_pin_error(ck::Rv value, std::string_view what) {
  Error error = cryptoki_error(value, what);
  if (value == ck::rv::pin_invalid || value == ck::rv::pin_len_range) {
    error.code = Code::device_pin_unfit;
  }
  return error;
}

// What a token says to a mechanism it has not is not about signing here.
Error making_error(ck::Rv value, std::string_view what) {
  if (value == ck::rv::mechanism_invalid || value == ck::rv::mechanism_param_invalid ||
      value == ck::rv::function_not_supported) {
    return Error{Code::device_unsupported, std::string(what) + ": the token cannot make such a key",
                 "another --algorithm, or `touchstone key import` of a key made elsewhere"};
  }
  return cryptoki_error(value, what);
}

}  // namespace

Result<std::unique_ptr<TokenSession>> TokenSession::open(std::shared_ptr<Module> module,
                                                         ck::SlotId slot_id, Access access) {
  std::unique_ptr<TokenSession> session(new TokenSession(std::move(module), slot_id, access));
  TS_CHECK(session->start());
  return session;
}

TokenSession::~TokenSession() { stop(); }

Status TokenSession::start() {
  if (session_) return ok();
  ck::Session session = 0;
  const ck::Ulong flags =
      ck::flag::serial_session | (access_ == Access::write ? ck::flag::rw_session : 0);
  const ck::Rv value = functions().open_session(slot_id_, flags, nullptr, nullptr, &session);
  if (value != ck::rv::ok) return cryptoki_error(value, "opening a session");
  session_ = session;
  return ok();
}

void TokenSession::restart() {
  // The new one first: a token without sessions logs its user out.
  const std::optional<ck::Session> old = std::exchange(session_, std::nullopt);
  (void)static_cast<bool>(start());
  if (old) (void)functions().close_session(*old);
}

void TokenSession::stop() {
  if (session_ && module_->loaded_by_this_process()) (void)functions().close_session(*session_);
  session_.reset();
}

Status TokenSession::log_in(const Secret* pin) {
  TS_CHECK(start());
  const ck::Rv value = present(ck::user::normal, pin);
  if (value != ck::rv::ok && value != ck::rv::user_already_logged_in) {
    return cryptoki_error(value, "logging in");
  }
  module_->entered(slot_id_);
  return ok();
}

void TokenSession::log_out() {
  if (module_->left(slot_id_) && start()) (void)functions().logout(*session_);
}

Status TokenSession::log_in_officer(const Secret& pin) {
  TS_CHECK(start());
  const ck::Rv value = present(ck::user::security_officer, &pin);
  if (value != ck::rv::ok) return officer_error(value, "logging in the security officer");
  return ok();
}

ck::Rv TokenSession::present(ck::Ulong user, const Secret* pin) {
  if (pin == nullptr) return functions().login(*session_, user, nullptr, 0);
  return functions().login(*session_, user, octets(*pin), pin->size());
}

Result<std::vector<ck::Object>> TokenSession::find_handles(std::vector<ck::Attribute> wanted) {
  const std::string_view what = "looking for keys";
  TS_CHECK(start());
  ck::Rv value = functions().find_objects_init(*session_, wanted.data(), wanted.size());
  if (value != ck::rv::ok) return cryptoki_error(value, what);
  std::vector<ck::Object> handles;
  std::array<ck::Object, 64> batch{};
  ck::Ulong count = 0;
  do {
    count = 0;
    value = functions().find_objects(*session_, batch.data(), batch.size(), &count);
    if (value != ck::rv::ok || count > batch.size()) break;
    handles.insert(handles.end(), batch.begin(),
                   batch.begin() + static_cast<std::ptrdiff_t>(count));
  } while (count > 0 && handles.size() <= limits::max_token_objects);
  (void)functions().find_objects_final(*session_);
  if (value != ck::rv::ok) return cryptoki_error(value, what);
  if (count > batch.size()) return absurd("to have found more objects than were asked for");
  if (handles.size() > limits::max_token_objects) {
    return absurd("to have more than " + std::to_string(limits::max_token_objects) + " objects");
  }
  return handles;
}

Result<std::vector<TokenObject>> TokenSession::find(ck::Ulong object_class,
                                                    const std::optional<std::string>& label,
                                                    const std::optional<Bytes>& id) {
  std::vector<ck::Attribute> wanted = {
      {ck::attribute::object_class, &object_class, sizeof object_class}};
  if (label) wanted.push_back({ck::attribute::label, without_const(label->data()), label->size()});
  if (id) wanted.push_back({ck::attribute::id, without_const(id->data()), id->size()});
  TS_TRY(const auto handles, find_handles(std::move(wanted)));

  std::vector<TokenObject> found;
  for (const ck::Object handle : handles) {
    TS_TRY(auto found_id, attribute(handle, ck::attribute::id));
    TS_TRY(const auto found_label, attribute(handle, ck::attribute::label));
    TokenObject object{handle, std::move(found_id).value_or(Bytes{}),
                       std::string(as_text(found_label.value_or(Bytes{})))};
    // The module was asked for these already; a careless one may not have listened.
    if ((label && *label != object.label) || (id && *id != object.id)) continue;
    found.push_back(std::move(object));
  }
  return found;
}

Result<std::optional<Bytes>> TokenSession::attribute(ck::Object object, ck::Ulong type) {
  const std::string_view what = "reading an attribute";
  TS_CHECK(start());
  ck::Attribute wanted{type, nullptr, 0};
  ck::Rv value = functions().get_attribute_value(*session_, object, &wanted, 1);
  if (value == ck::rv::attribute_type_invalid || value == ck::rv::attribute_sensitive ||
      (value == ck::rv::ok && wanted.length == ck::unavailable)) {
    return std::optional<Bytes>();
  }
  if (value != ck::rv::ok) return cryptoki_error(value, what);
  if (wanted.length > limits::max_token_attribute_bytes) {
    return absurd("an attribute of " + std::to_string(wanted.length) + " bytes");
  }
  Bytes bytes(wanted.length);
  if (bytes.empty()) return std::optional(bytes);
  wanted.value = bytes.data();
  value = functions().get_attribute_value(*session_, object, &wanted, 1);
  if (value != ck::rv::ok) return cryptoki_error(value, what);
  if (wanted.length > bytes.size()) return absurd("that an attribute grew while it was read");
  bytes.resize(wanted.length);
  return std::optional(bytes);
}

Result<std::optional<ck::Ulong>> TokenSession::number(ck::Object object, ck::Ulong type) {
  TS_TRY(const auto bytes, attribute(object, type));
  ck::Ulong value = 0;
  if (!bytes || bytes->size() != sizeof value) return std::optional<ck::Ulong>();
  std::memcpy(&value, bytes->data(), sizeof value);
  return std::optional(value);
}

Result<bool> TokenSession::flag(ck::Object object, ck::Ulong type) {
  TS_TRY(const auto bytes, attribute(object, type));
  return bytes && bytes->size() == 1 && bytes->front() != 0;
}

Result<Bytes> TokenSession::sign(ck::Object key, ck::Mechanism mechanism, ByteView input,
                                 const Secret* pin) {
  TS_CHECK(start());
  if (const ck::Rv value = functions().sign_init(*session_, &mechanism, key); value != ck::rv::ok) {
    restart();
    return cryptoki_error(value, "signing");
  }
  auto signature = sign_started(input, pin);
  if (!signature) restart();
  return signature;
}

Result<Bytes> TokenSession::sign_started(ByteView input, const Secret* pin) {
  if (pin != nullptr) {
    const ck::Rv value = present(ck::user::context_specific, pin);
    if (value != ck::rv::ok) return cryptoki_error(value, "presenting the PIN for the signature");
  }
  Bytes signature(max_signature_bytes);
  ck::Ulong length = signature.size();
  const ck::Rv value =
      functions().sign(*session_, input.data(), input.size(), signature.data(), &length);
  if (value != ck::rv::ok) return cryptoki_error(value, "signing");
  if (length > signature.size()) {
    return absurd("a signature of " + std::to_string(length) + " bytes");
  }
  signature.resize(length);
  return signature;
}

Result<KeyPair> TokenSession::generate(ck::Mechanism mechanism,
                                       std::vector<ck::Attribute> public_half,
                                       std::vector<ck::Attribute> private_half) {
  TS_CHECK(start());
  KeyPair pair;
  const ck::Rv value = functions().generate_key_pair(
      *session_, &mechanism, public_half.data(), public_half.size(), private_half.data(),
      private_half.size(), &pair.public_key, &pair.private_key);
  if (value != ck::rv::ok) return making_error(value, "making the key");
  return pair;
}

Result<ck::Object> TokenSession::create(std::vector<ck::Attribute> object) {
  TS_CHECK(start());
  ck::Object handle = 0;
  const ck::Rv value = functions().create_object(*session_, object.data(), object.size(), &handle);
  if (value != ck::rv::ok) return making_error(value, "storing an object");
  return handle;
}

Status TokenSession::destroy(ck::Object object) {
  TS_CHECK(start());
  const ck::Rv value = functions().destroy_object(*session_, object);
  if (value != ck::rv::ok) return cryptoki_error(value, "removing an object");
  return ok();
}

Status TokenSession::set_pin(const Secret& current, const Secret& next) {
  TS_CHECK(start());
  const ck::Rv value =
      functions().set_pin(*session_, octets(current), current.size(), octets(next), next.size());
  if (value != ck::rv::ok) return new_pin_error(value, "changing the PIN");
  return ok();
}

Status TokenSession::init_pin(const Secret& next) {
  TS_CHECK(start());
  const ck::Rv value = functions().init_pin(*session_, octets(next), next.size());
  if (value != ck::rv::ok) return new_pin_error(value, "setting the PIN");
  return ok();
}

}  // namespace touchstone::hsm
