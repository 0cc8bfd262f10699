#include "hsm/pkcs11_device.h"

#include <mutex>
#include <optional>
#include <utility>

#include "hsm/module.h"
#include "hsm/module_turn.h"
#include "hsm/signature_input.h"
#include "hsm/stdout_guard.h"
#include "hsm/token_choice.h"
#include "hsm/token_login.h"
#include "hsm/token_public_key.h"
#include "hsm/token_session.h"

namespace touchstone::hsm {
namespace {

using MaybeKey = std::optional<crypto::PublicKey>;

Error no_key(const Token& token) {
  return Error{Code::device_key_not_found, name_of(token) + " has no such key", ""};
}

// A private key that can be seen and used before login needs none.
Result<bool> needs_login(TokenSession& session, const Token& token,
                         std::optional<ck::Object> private_key) {
  if (!token.login_required) return false;
  if (!private_key) return true;
  TS_TRY(const bool hidden, session.flag(*private_key, ck::attribute::is_private));
  TS_TRY(const bool each_time, session.flag(*private_key, ck::attribute::always_authenticate));
  return hidden || each_time;
}

Result<KeyDescription> describe_key(TokenSession& session, const Token& token,
                                    const VisibleKey& key, const std::string& module_path) {
  KeyDescription description;
  description.name = key_uri(token, key, module_path);
  description.device = name_of(token);
  description.hardware = true;
  description.tries = token.tries;
  TS_TRY(const bool login, needs_login(session, token, key.private_key));
  description.needs_pin = login && !token.own_keypad;
  if (key.private_key) {
    TS_TRY(description.pin_for_each_signature,
           session.flag(*key.private_key, ck::attribute::always_authenticate));
  }
  return description;
}

Result<MaybeKey> public_key_of(TokenSession& session, const VisibleKey& key) {
  if (key.public_key) {
    TS_TRY(auto found, public_key_of_key(session, *key.public_key));
    if (found) return found;
  }
  return find_public_key(session, key.id, key.label, key.private_key);
}

class TokenKey : public KeyDevice {
 public:
  TokenKey(std::shared_ptr<Module> module, Pkcs11Uri uri, std::string module_path, Token token)
      : module_(std::move(module)),
        uri_(std::move(uri)),
        module_path_(std::move(module_path)),
        token_(std::move(token)) {}

  ~TokenKey() override {
    const StdoutGuard guard;
    if (module_->loaded_by_this_process()) {
      const std::lock_guard lock(module_->mutex());
      if (logged_in_) session_->log_out();
      session_.reset();
    }
    session_.reset();
    module_.reset();
  }

  // Everything that needs no PIN.
  Status prepare() {
    TS_TRY(session_, TokenSession::open(module_, token_.slot_id));
    TS_TRY(const auto keys, visible_keys(*session_, uri_));
    if (keys.size() > 1) return several_keys(token_, keys, module_path_);
    if (keys.empty() && !token_.login_required) return no_key(token_);
    const VisibleKey key = keys.empty() ? unseen_key() : keys.front();
    TS_TRY(description_, describe_key(*session_, token_, key, module_path_));
    TS_TRY(login_needed_, needs_login(*session_, token_, key.private_key));
    description_.pin_source = uri_.pin_source;
    private_key_ = key.private_key;
    if (keys.empty()) return ok();
    TS_TRY(auto public_key, public_key_of(*session_, key));
    if (!login_needed_ && !private_key_) return no_key(token_);
    if (public_key) remember(*std::move(public_key));
    return ok();
  }

  const KeyDescription& describe() const override { return description_; }

  Status unlock(Secret pin) override {
    if (!description_.needs_pin || logged_in_) return ok();
    TS_CHECK(check_pin(pin));
    const StdoutGuard guard;
    TS_CHECK(check_process(*module_));
    const std::lock_guard lock(module_->mutex());
    TS_CHECK(log_in(&pin));
    if (description_.pin_for_each_signature) pin_ = std::move(pin);
    return ok();
  }

  Result<Bytes> public_key() override {
    if (public_key_) return public_key_->der();
    const StdoutGuard guard;
    TS_CHECK(check_process(*module_));
    const std::lock_guard lock(module_->mutex());
    TS_CHECK(make_ready());
    return public_key_->der();
  }

  Result<Bytes> sign(Scheme scheme, ByteView message) override {
    return sign_content(scheme, {message});
  }

  Result<Bytes> sign_digest(Scheme scheme, ByteView digest) override {
    return sign_content(scheme, {digest, true});
  }

 private:
  Result<Bytes> sign_content(Scheme scheme, const Content& content) {
    const StdoutGuard guard;
    TS_CHECK(check_process(*module_));
    const std::lock_guard lock(module_->mutex());
    TS_CHECK(make_ready());
    TS_TRY(SignatureInput input, signature_input(*public_key_, scheme, content));
    ck::Mechanism mechanism{input.mechanism, nullptr, 0};
    if (mechanism.type == ck::mechanism::rsa_pkcs_pss) {
      mechanism.parameter = &input.pss;
      mechanism.length = sizeof input.pss;
    }
    TS_TRY(Bytes answer,
           session_->sign(*private_key_, mechanism, input.data, pin_ ? &*pin_ : nullptr));
    return checked_signature(*public_key_, scheme, content, std::move(answer));
  }

  // The key as the URI tells it, when the token shows none before login.
  VisibleKey unseen_key() const {
    return {uri_.id.value_or(Bytes{}), uri_.object.value_or(""), std::nullopt, std::nullopt};
  }

  void remember(crypto::PublicKey key) {
    description_.public_key = key.der();
    public_key_ = std::move(key);
  }

  // One attempt. Null: the token has a keypad of its own.
  Status log_in(const Secret* pin) {
    const ModuleTurn turn(module_path_);
    Status in = log_in_user(*session_, *module_, token_, pin);
    description_.tries = token_.tries;
    TS_CHECK(std::move(in));
    logged_in_ = true;
    return find_after_login();
  }

  // The private key, seen now for certain; it must still be the only one, and the same.
  Status find_after_login() {
    TS_TRY(auto keys, visible_keys(*session_, uri_));
    std::erase_if(keys, [](const VisibleKey& key) { return !key.private_key; });
    if (keys.empty()) return no_key(token_);
    if (keys.size() > 1) return several_keys(token_, keys, module_path_);
    const VisibleKey& key = keys.front();
    TS_TRY(auto public_key, public_key_of(*session_, key));
    if (public_key && public_key_ && !(*public_key == *public_key_)) {
      return Error{Code::device_failed, "the token shows another key after login than before", ""};
    }
    KeyDescription before = std::exchange(description_, {});
    TS_TRY(description_, describe_key(*session_, token_, key, module_path_));
    description_.needs_pin = before.needs_pin;
    description_.pin_source = std::move(before.pin_source);
    private_key_ = key.private_key;
    if (public_key) public_key_ = std::move(public_key);
    if (public_key_) description_.public_key = public_key_->der();
    return ok();
  }

  // Logged in where that is needed, with both halves of the key.
  Status make_ready() {
    if (login_needed_ && !logged_in_) {
      if (!token_.own_keypad) {
        return Error{Code::device_pin_needed, name_of(token_) + " needs its PIN first", ""};
      }
      TS_CHECK(log_in(nullptr));
    }
    if (!private_key_) return no_key(token_);
    if (public_key_) return ok();
    return Error{Code::device_failed, "the token tells no public key for the private one",
                 "store the public key or a certificate beside it, with the same CKA_ID"};
  }

  std::shared_ptr<Module> module_;
  Pkcs11Uri uri_;
  std::string module_path_;
  Token token_;
  std::unique_ptr<TokenSession> session_;
  KeyDescription description_;
  std::optional<ck::Object> private_key_;
  MaybeKey public_key_;
  std::optional<Secret> pin_;  // held only for keys that want it with each signature
  bool login_needed_ = true;
  bool logged_in_ = false;
};

// The first certificate of the key; empty when there is none.
Result<Bytes> certificate_beside(TokenSession& session, const VisibleKey& key) {
  const auto by_id = key.id.empty() ? std::optional<Bytes>() : std::optional(key.id);
  const auto by_label = key.id.empty() ? std::optional(key.label) : std::optional<std::string>();
  TS_TRY(const auto found, session.find(ck::object_class::certificate, by_label, by_id));
  if (found.empty()) return Bytes();
  TS_TRY(auto der, session.attribute(found.front().handle, ck::attribute::value));
  return std::move(der).value_or(Bytes());
}

Status list_token(std::vector<KeyDescription>& list, std::shared_ptr<Module> module,
                  const Token& token, const Pkcs11Uri& uri, const std::string& module_path) {
  TS_TRY(const auto session, TokenSession::open(std::move(module), token.slot_id));
  TS_TRY(const auto keys, visible_keys(*session, uri));
  for (const VisibleKey& key : keys) {
    TS_TRY(KeyDescription description, describe_key(*session, token, key, module_path));
    // A key of an unsupported kind is listed without its public half.
    const auto public_key = public_key_of(*session, key);
    if (public_key && *public_key) description.public_key = (*public_key)->der();
    TS_TRY(description.certificate, certificate_beside(*session, key));
    list.push_back(std::move(description));
  }
  return ok();
}

}  // namespace

Result<std::unique_ptr<KeyDevice>> open_token_key(const Pkcs11Uri& uri,
                                                  const std::string& module_path) {
  const StdoutGuard guard;
  const ModuleTurn turn(module_path);
  TS_TRY(const auto module, Module::load(module_path));
  const std::lock_guard lock(module->mutex());
  TS_TRY(auto token, only_token(*module, uri, module_path));
  auto key = std::make_unique<TokenKey>(module, uri, module_path, std::move(token));
  TS_CHECK(key->prepare());
  return std::unique_ptr<KeyDevice>(std::move(key));
}

Result<std::vector<KeyDescription>> list_token_keys(const Pkcs11Uri& uri,
                                                    const std::string& module_path) {
  const StdoutGuard guard;
  TS_TRY(const auto module, Module::load(module_path));
  const std::lock_guard lock(module->mutex());
  TS_TRY(const auto tokens, matching_tokens(*module, uri));
  std::vector<KeyDescription> list;
  for (const Token& token : tokens) {
    TS_CHECK(list_token(list, module, token, uri, module_path));
  }
  return list;
}

Result<crypto::PublicKey> read_token_public_key(const Pkcs11Uri& uri,
                                                const std::string& module_path) {
  const StdoutGuard guard;
  TS_TRY(const auto module, Module::load(module_path));
  const std::lock_guard lock(module->mutex());
  TS_TRY(const Token token, only_token(*module, uri, module_path));
  TS_TRY(const auto session, TokenSession::open(module, token.slot_id));
  TS_TRY(const auto keys, visible_keys(*session, uri));
  if (keys.size() > 1) return several_keys(token, keys, module_path);
  MaybeKey found;
  if (!keys.empty()) {
    TS_TRY(found, public_key_of(*session, keys.front()));
  } else {
    TS_TRY(found, certificate_key(*session, uri.object, uri.id));
  }
  if (!found) return no_key(token);
  return *std::move(found);
}

}  // namespace touchstone::hsm
