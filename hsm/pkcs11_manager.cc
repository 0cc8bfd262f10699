#include "hsm/pkcs11_manager.h"

#include <algorithm>
#include <functional>
#include <mutex>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/certificate_fields.h"
#include "hsm/module.h"
#include "hsm/signature_input.h"
#include "hsm/stdout_guard.h"
#include "hsm/token_holding.h"
#include "hsm/token_login.h"
#include "hsm/token_public_key.h"
#include "hsm/token_templates.h"

namespace touchstone::hsm {
namespace {

constexpr std::size_t random_id_bytes = 8;  // CKA_IDs of one token: tens
constexpr std::size_t challenge_bytes = 32;

using MaybeKey = std::optional<crypto::PublicKey>;

Error no_key(const Token& token) {
  return Error{Code::device_key_not_found, name_of(token) + " has no such key", ""};
}

Error exists(std::string what) {
  return Error{Code::device_key_exists, std::move(what) + " is there already", ""};
}

std::vector<std::string> names_of(const std::vector<TokenThing>& things) {
  std::vector<std::string> names;
  for (const TokenThing& thing : things) names.push_back(thing.name());
  return names;
}

bool is_among(const std::vector<TokenThing>& things, ck::Object handle) {
  return std::ranges::any_of(
      things, [&](const TokenThing& thing) { return thing.object.handle == handle; });
}

Status check_policies(const KeyPolicies& policies) {
  if (policies.touch == TouchPolicy::always || policies.touch == TouchPolicy::cached) {
    return Error{Code::device_unsupported, "a PKCS#11 token knows no touch policy",
                 "a YubiKey fixes one when the key is made in a PIV slot"};
  }
  if (policies.pin == PinPolicy::never) {
    return Error{Code::device_unsupported, "a key on a PKCS#11 token always wants the PIN",
                 "leave out --pin, or say once or always"};
  }
  return ok();
}

class TokenKeyManager : public KeyManager {
 public:
  TokenKeyManager(std::shared_ptr<Module> module, Pkcs11Uri uri, std::string module_path,
                  Token token)
      : module_(std::move(module)),
        uri_(std::move(uri)),
        module_path_(std::move(module_path)),
        token_(std::move(token)) {
    place_.device = name_of(token_);
    place_.hardware = true;
    place_.pin_source = uri_.pin_source;
    place_.tries = token_.tries;
  }

  ~TokenKeyManager() override {
    const StdoutGuard guard;
    if (module_->loaded_by_this_process()) {
      const std::lock_guard lock(module_->mutex());
      if (logged_in_) session_->log_out();
      session_.reset();
    }
    session_.reset();
    module_.reset();
  }
  TokenKeyManager(const TokenKeyManager&) = delete;
  TokenKeyManager& operator=(const TokenKeyManager&) = delete;

  Status prepare() {
    TS_TRY(session_, TokenSession::open(module_, token_.slot_id, Access::write));
    return ok();
  }

  const KeyPlace& place() const override { return place_; }

  Credential needed_for(Change) const override {
    return token_.login_required && !token_.own_keypad ? Credential::pin : Credential::none;
  }

  Status authorize(Secret credential) override {
    if (needed_for(Change::make_key) == Credential::none || logged_in_) return ok();
    TS_CHECK(check_pin(credential));
    return guarded([&] { return log_in(&credential); });
  }

  Result<Holding> holding() override {
    return guarded([&]() -> Result<Holding> {
      TS_TRY(const TokenHolding found, holding_of(*session_, token_, uri_, module_path_));
      Holding holding;
      holding.things = names_of(found.things);
      holding.key = found.key.has_value();
      if (found.key) {
        // A key of an unsupported kind is still a key.
        const auto key = public_key_of(*found.key);
        if (key) holding.public_key = *key;
      }
      for (const TokenThing& thing : found.things) {
        if (thing.object_class != ck::object_class::certificate || holding.certificate) continue;
        TS_TRY(holding.certificate, session_->attribute(thing.object.handle, ck::attribute::value));
      }
      return holding;
    });
  }

  Result<MadeKey> generate(const KeySpec& spec, Existing existing) override {
    TS_CHECK(check_policies(spec.policies));
    const auto make = [&](const ObjectName& name) -> Result<KeyPair> {
      return first_taken(templates_to_generate(spec, name), [&](const KeyTemplates& halves) {
        return session_->generate({halves.mechanism, nullptr, 0}, halves.public_half.attributes(),
                                  halves.private_half.attributes());
      });
    };
    const auto fits = [&](const crypto::PublicKey& key) {
      return key.kind() == spec.kind && (spec.rsa_bits == 0 || key.bits() == spec.rsa_bits);
    };
    return guarded([&] { return replace_by(make, fits, spec.policies, existing); });
  }

  Result<MadeKey> import_key(const crypto::PrivateKey& key, const KeyPolicies& policies,
                             Existing existing) override {
    TS_CHECK(check_policies(policies));
    TS_TRY(const crypto::KeyNumbers numbers, key.numbers());
    const auto make = [&](const ObjectName& name) -> Result<KeyPair> {
      return first_taken(templates_to_import(key.public_key().kind(), numbers, policies.pin, name),
                         [&](const KeyTemplates& halves) -> Result<KeyPair> {
                           KeyPair pair;
                           TS_TRY(pair.private_key,
                                  session_->create(halves.private_half.attributes()));
                           auto public_key = session_->create(halves.public_half.attributes());
                           if (!public_key) {
                             // Gone before the next template is tried, or none is.
                             TS_CHECK(session_->destroy(pair.private_key));
                             return std::move(public_key).error();
                           }
                           pair.public_key = *public_key;
                           return pair;
                         });
    };
    const auto fits = [&](const crypto::PublicKey& made) { return made == key.public_key(); };
    return guarded([&] { return replace_by(make, fits, policies, existing); });
  }

  Status remove() override {
    return guarded([&]() -> Status {
      TS_CHECK(make_ready());
      TS_TRY(const TokenHolding found, holding_of(*session_, token_, uri_, module_path_));
      if (found.things.empty()) return no_key(token_);
      // The first refusal is an error like any other: everything is still there.
      TS_CHECK(session_->destroy(found.things.front().object.handle));
      const auto left = destroy_all(*session_, {found.things.begin() + 1, found.things.end()});
      if (left.empty()) return ok();
      return Error{Code::device_half_done,
                   found.things.front().name() + " is removed; left are: " + join(left, ", "), ""};
    });
  }

  Status store_certificate(ByteView der, Existing existing) override {
    auto fields = crypto::CertificateFields::parse(der);
    if (!fields) return in_context(fields.error(), Code::device_certificate, "the certificate");
    return guarded([&] { return store(*fields, existing); });
  }

 private:
  // One call of the module's, under its lock.
  template <class Action>
  auto guarded(Action action) -> decltype(action()) {
    const StdoutGuard guard;
    TS_CHECK(check_process(*module_));
    const std::lock_guard lock(module_->mutex());
    return action();
  }

  Status log_in(const Secret* pin) {
    Status in = log_in_user(*session_, *module_, token_, pin);
    place_.tries = token_.tries;
    TS_CHECK(std::move(in));
    logged_in_ = true;
    return ok();
  }

  Status make_ready() {
    if (!token_.login_required || logged_in_) return ok();
    if (token_.own_keypad) return log_in(nullptr);
    return Error{Code::device_pin_needed, name_of(token_) + " needs its PIN first", ""};
  }

  Result<MaybeKey> public_key_of(const VisibleKey& key) {
    if (key.public_key) {
      TS_TRY(auto found, public_key_of_key(*session_, *key.public_key));
      if (found) return found;
    }
    return find_public_key(*session_, key.id, key.label, key.private_key);
  }

  // Tries the templates in turn while the token refuses what they ask for.
  template <class Make>
  Result<KeyPair> first_taken(const std::vector<KeyTemplates>& templates, Make make) {
    for (std::size_t i = 0;; ++i) {
      auto made = make(templates[i]);
      const bool next = !made && made.error().code == Code::device_unsupported;
      if (!next || i + 1 == templates.size()) return made;
    }
  }

  // No other key may have the label or the id: the new one could not be named.
  Status check_name_is_free(const TokenHolding& old) {
    const std::vector<TokenThing>& things = old.things;
    const auto free = [&](const std::optional<std::string>& label,
                          const std::optional<Bytes>& id) -> Status {
      Pkcs11Uri alone;
      alone.object = label;
      alone.id = id;
      TS_TRY(const auto keys, visible_keys(*session_, alone));
      for (const VisibleKey& key : keys) {
        if (is_among(things, key.private_key.value_or(key.public_key.value_or(0)))) continue;
        Error error = exists("another key, " + key_uri(token_, key, module_path_) + ",");
        error.hint = "choose another label and id";
        return error;
      }
      return ok();
    };
    TS_CHECK(free(uri_.object, std::nullopt));
    return uri_.id ? free(std::nullopt, uri_.id) : ok();
  }

  Result<MadeKey> replace_by(const std::function<Result<KeyPair>(const ObjectName&)>& make,
                             const std::function<bool(const crypto::PublicKey&)>& fits,
                             const KeyPolicies& policies, Existing existing) {
    if (!uri_.object || uri_.object->empty()) {
      return Error{Code::usage_key_uri, "the URI does not say what the new key is to be called",
                   "add object=LABEL"};
    }
    TS_CHECK(make_ready());
    TS_TRY(const TokenHolding old, holding_of(*session_, token_, uri_, module_path_));
    if (!old.things.empty() && existing == Existing::refuse)
      return exists(old.things.front().name());
    TS_CHECK(check_name_is_free(old));
    const ObjectName name{*uri_.object, uri_.id.value_or(crypto::random_bytes(random_id_bytes))};

    const auto pair = make(name);
    if (!pair) return undo(pair.error(), name, old.things);
    auto key = inspect(*pair, fits, policies);
    if (!key) return undo(key.error(), name, old.things);
    MadeKey made{
        key_uri(token_, {name.id, name.label, pair->private_key, pair->public_key}, module_path_),
        *std::move(key)};
    const auto left = destroy_all(*session_, old.things);
    if (left.empty()) return made;
    return Error{
        Code::device_half_done,
        "the new key is made (" + made.name + "), but of the old one are left: " + join(left, ", "),
        "name the old one by its id and remove it with `touchstone key delete`"};
  }

  // Whether what was made is what was wanted; what the token says of it is looked at again.
  Result<crypto::PublicKey> inspect(const KeyPair& pair,
                                    const std::function<bool(const crypto::PublicKey&)>& fits,
                                    const KeyPolicies& policies) {
    TS_TRY(auto key, public_key_of_key(*session_, pair.public_key));
    if (!key) return Error{Code::device_failed, "the token does not tell the new public key", ""};
    if (!fits(*key)) {
      return Error{Code::device_failed,
                   "the token made another key (" + key->kind_name() + ") than was wanted", ""};
    }
    TS_TRY(const bool sensitive, session_->flag(pair.private_key, ck::attribute::sensitive));
    TS_TRY(const bool extractable, session_->flag(pair.private_key, ck::attribute::extractable));
    if (!sensitive || extractable) {
      return Error{Code::device_failed, "the token would give the new private key away", ""};
    }
    // A key that wants the PIN with each signature is not asked for one now.
    if (policies.pin != PinPolicy::always) TS_CHECK(test_signature(pair.private_key, *key));
    return *std::move(key);
  }

  Status test_signature(ck::Object private_key, const crypto::PublicKey& key) {
    const Bytes challenge = crypto::random_bytes(challenge_bytes);
    TS_TRY(const SignatureInput input, signature_input(key, key.signing_scheme(), {challenge}));
    TS_TRY(Bytes answer,
           session_->sign(private_key, {input.mechanism, nullptr, 0}, input.data, nullptr));
    TS_TRY(answer, checked_signature(key, key.signing_scheme(), {challenge}, std::move(answer)));
    return ok();
  }

  // Removes what a failure left of the new key, known by its id; the old objects stay.
  Error undo(Error error, const ObjectName& name, const std::vector<TokenThing>& old) {
    auto things = things_of(*session_, name.id, name.label);
    if (!things) {
      error.message += "; whether anything of the new key (id " + to_hex(name.id) +
                       ") is left could not be seen";
      return error;
    }
    std::erase_if(*things,
                  [&](const TokenThing& thing) { return is_among(old, thing.object.handle); });
    const auto left = destroy_all(*session_, *things);
    if (left.empty()) return error;
    return Error{Code::device_half_done, error.message + "; left are: " + join(left, ", "), ""};
  }

  // Stores it and reads it back.
  Status create(const crypto::CertificateFields& certificate, const ObjectName& name) {
    TS_TRY(const ck::Object made,
           session_->create(certificate_template(certificate, name).attributes()));
    const auto read = session_->attribute(made, ck::attribute::value);
    if (read && *read && **read == certificate.der) return ok();
    if (session_->destroy(made)) {
      return Error{Code::device_failed, "the token does not keep the certificate as it is", ""};
    }
    return Error{Code::device_half_done,
                 "the token holds a certificate that is not the one it was given", ""};
  }

  Status store(const crypto::CertificateFields& certificate, Existing existing) {
    TS_CHECK(make_ready());
    TS_TRY(const TokenHolding found, holding_of(*session_, token_, uri_, module_path_));
    if (!found.key) return no_key(token_);
    TS_TRY(const MaybeKey key, public_key_of(*found.key));
    if (!key || !(*key == certificate.public_key)) {
      return Error{Code::device_certificate,
                   "the certificate of " + certificate.subject_text + " is for another key", ""};
    }
    std::vector<TokenThing> old;
    bool there = false;
    for (const TokenThing& thing : found.things) {
      if (thing.object_class != ck::object_class::certificate) continue;
      TS_TRY(const auto der, session_->attribute(thing.object.handle, ck::attribute::value));
      if (!there && der && *der == certificate.der) {
        there = true;
      } else {
        old.push_back(thing);
      }
    }
    if (existing == Existing::refuse && there) return ok();
    if (existing == Existing::refuse && !old.empty()) return exists(old.front().name());
    if (!there) TS_CHECK(create(certificate, {found.key->label, found.key->id}));
    const auto left = destroy_all(*session_, old);
    if (left.empty()) return ok();
    return Error{Code::device_half_done,
                 "the certificate is stored, but of the old ones are left: " + join(left, ", "),
                 ""};
  }

  std::shared_ptr<Module> module_;
  Pkcs11Uri uri_;
  std::string module_path_;
  Token token_;
  KeyPlace place_;
  std::unique_ptr<TokenSession> session_;
  bool logged_in_ = false;
};

}  // namespace

Result<std::unique_ptr<KeyManager>> open_token_key_manager(const Pkcs11Uri& uri,
                                                           const std::string& module_path) {
  const StdoutGuard guard;
  TS_TRY(const auto module, Module::load(module_path));
  const std::lock_guard lock(module->mutex());
  TS_TRY(auto token, only_token(*module, uri, module_path));
  auto manager = std::make_unique<TokenKeyManager>(module, uri, module_path, std::move(token));
  TS_CHECK(manager->prepare());
  return std::unique_ptr<KeyManager>(std::move(manager));
}

}  // namespace touchstone::hsm
