#include "hsm/isolated_keys.h"

#include <utility>

#include "hsm/message.h"
#include "hsm/module_process.h"
#include "hsm/module_server.h"

namespace touchstone::hsm {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds patience_at_close(2000);  // nothing hangs on it any more
constexpr int slow_answers = 10;                 // small tokens make RSA keys for minutes

struct Request {
  Operation operation;
  std::string_view doing;
  Patience patience;
  std::vector<const Secret*> secrets = {};
};

Patience silent(milliseconds end) { return {end, end}; }

const std::string& device_of(const KeyDescription& key) { return key.device; }
const std::string& device_of(const ManagerState& manager) { return manager.place.device; }
const std::string& device_of(const PinState& pins) { return pins.device; }

// Asks, and reads from the answer the error or `values`, then `state` (null: there is none).
template <class State, class... Value>
Status ask(ModuleProcess& process, const Request& request, const MessageWriter& question,
           State* state, Value&... values) {
  TS_TRY(const Bytes bytes,
         process.ask({question.bytes(), request.secrets, request.patience, request.doing}));
  MessageReader answer(bytes);
  bool well = false;
  std::optional<Error> error;
  answer(well);
  if (well) {
    answer(values...);
  } else {
    answer(error.emplace());
  }
  State now{};
  if (state != nullptr) answer(now);
  if (!answer.finished()) return process.distrust(request.doing);
  if (state != nullptr) *state = std::move(now);
  if (error) return *std::move(error);
  return ok();
}

// One thing that was opened in there.
template <class State>
class Remote {
 public:
  // The thing itself is opened by the question `operation`.
  static Result<Remote> open(Operation operation, const Pkcs11Uri& uri,
                             const std::string& module_path, const ModulePatience& patience) {
    TS_TRY(auto process, ModuleProcess::of(module_path, answer_about_modules));
    Remote remote(std::move(process), patience);
    TS_CHECK(ask<State>(*remote.process_, {operation, "being opened", silent(patience.start)},
                        MessageWriter()(operation, uri, module_path), nullptr, remote.name_,
                        remote.state_));
    remote.opened_ = true;
    return remote;
  }
  ~Remote() {
    // The last one ends the process, and that closes it.
    if (process_ == nullptr || !opened_ || process_.use_count() == 1) return;
    (void)static_cast<bool>(
        ask<State>(*process_, {Operation::close, "being closed", silent(patience_at_close)},
                   MessageWriter()(Operation::close, name_), nullptr));
  }
  Remote(Remote&& other) noexcept = default;
  Remote& operator=(Remote&& other) = delete;

  const State& state() const { return state_; }
  // Somebody is told when it takes long.
  Patience patience() const {
    Patience patience{patience_.answer, patience_.notice};
    if (patience_.on_wait) {
      patience.on_wait = [tell = patience_.on_wait, name = device_of(state_)] { tell(name); };
    }
    return patience;
  }

  template <class... Value>
  Status ask_about(const Request& request, const MessageWriter& arguments, Value&... values) {
    MessageWriter question;
    question(request.operation, name_);
    question.append(arguments);
    return ask(*process_, request, question, &state_, values...);
  }

  // For values that a module's process cannot have meant.
  Error distrust(std::string_view doing) { return process_->distrust(doing); }

 private:
  Remote(std::shared_ptr<ModuleProcess> process, const ModulePatience& patience)
      : process_(std::move(process)), patience_(patience) {}

  std::shared_ptr<ModuleProcess> process_;
  ModulePatience patience_;
  std::uint32_t name_ = 0;
  bool opened_ = false;
  State state_{};
};

class IsolatedKey : public KeyDevice {
 public:
  explicit IsolatedKey(Remote<KeyDescription> remote) : remote_(std::move(remote)) {}

  const KeyDescription& describe() const override { return remote_.state(); }

  Status unlock(Secret pin) override {
    return remote_.ask_about({Operation::unlock, "logging in", remote_.patience(), {&pin}}, {});
  }

  Result<Bytes> public_key() override {
    Bytes spki = describe().public_key;
    if (!spki.empty()) return spki;
    TS_CHECK(remote_.ask_about(
        {Operation::public_key, "telling the public key", remote_.patience()}, {}, spki));
    return spki;
  }

  Result<Bytes> sign(Scheme scheme, ByteView message) override {
    Bytes signature;
    const Bytes copy(message.begin(), message.end());
    TS_CHECK(remote_.ask_about({Operation::sign, "signing", remote_.patience()},
                               MessageWriter()(scheme, copy), signature));
    return signature;
  }

  Result<Bytes> sign_digest(Scheme scheme, ByteView digest) override {
    Bytes signature;
    const Bytes copy(digest.begin(), digest.end());
    TS_CHECK(remote_.ask_about({Operation::sign_digest, "signing", remote_.patience()},
                               MessageWriter()(scheme, copy), signature));
    return signature;
  }

 private:
  Remote<KeyDescription> remote_;
};

class IsolatedManager : public KeyManager {
 public:
  explicit IsolatedManager(Remote<ManagerState> remote) : remote_(std::move(remote)) {}

  const KeyPlace& place() const override { return remote_.state().place; }

  Credential needed_for(Change change) const override {
    switch (change) {
      case Change::make_key:
        return remote_.state().for_key;
      case Change::remove_key:
        return remote_.state().for_removal;
      case Change::certificate:
        break;
    }
    return remote_.state().for_certificate;
  }

  Status authorize(Secret credential) override {
    return remote_.ask_about(
        {Operation::authorize, "logging in", remote_.patience(), {&credential}}, {});
  }

  Result<Holding> holding() override {
    Holding holding;
    TS_CHECK(remote_.ask_about({Operation::holding, "telling what is there", remote_.patience()},
                               {}, holding));
    return holding;
  }

  Result<MadeKey> generate(const KeySpec& spec, Existing existing) override {
    return made({Operation::generate, "making a key; what it changed by then is not known",
                 silent(slow_answers * remote_.patience().end)},
                MessageWriter()(spec.kind, static_cast<std::uint32_t>(spec.rsa_bits), spec.policies,
                                existing));
  }

  Result<MadeKey> import_key(const crypto::PrivateKey& key, const KeyPolicies& policies,
                             Existing existing) override {
    std::string pem = key.pem();
    const Secret secret = Secret::holding(pem);
    wipe(pem);
    return made({Operation::import_key,
                 "importing a key; what it changed by then is not known",
                 remote_.patience(),
                 {&secret}},
                MessageWriter()(policies, existing));
  }

  Status remove() override {
    return remote_.ask_about(
        {Operation::remove, "removing a key; what it changed by then is not known",
         remote_.patience()},
        {});
  }

  Status store_certificate(ByteView der, Existing existing) override {
    const Bytes copy(der.begin(), der.end());
    return remote_.ask_about(
        {Operation::store_certificate,
         "storing a certificate; what it changed by then is not known", remote_.patience()},
        MessageWriter()(copy, existing));
  }

 private:
  Result<MadeKey> made(const Request& request, const MessageWriter& arguments) {
    std::string name;
    std::optional<crypto::PublicKey> public_key;
    TS_CHECK(remote_.ask_about(request, arguments, name, public_key));
    if (!public_key) return remote_.distrust(request.doing);
    return MadeKey{std::move(name), *std::move(public_key)};
  }

  Remote<ManagerState> remote_;
};

class IsolatedPins : public PinManager {
 public:
  explicit IsolatedPins(Remote<PinState> remote) : remote_(std::move(remote)) {}

  const PinState& state() const override { return remote_.state(); }

  Status change_pin(const Secret& current, const Secret& next) override {
    return change(Operation::change_pin, current, next);
  }
  Status unblock_pin(const Secret& puk, const Secret& next) override {
    return change(Operation::unblock_pin, puk, next);
  }
  Status change_puk(const Secret& current, const Secret& next) override {
    return change(Operation::change_puk, current, next);
  }
  Status change_management_key(const Secret& current, const Secret& next) override {
    return change(Operation::change_management_key, current, next);
  }

 private:
  Status change(Operation operation, const Secret& current, const Secret& next) {
    return remote_.ask_about({operation,
                              "changing a PIN; whether it did is not known",
                              remote_.patience(),
                              {&current, &next}},
                             {});
  }

  Remote<PinState> remote_;
};

}  // namespace

Result<std::unique_ptr<KeyDevice>> open_isolated_key(const Pkcs11Uri& uri,
                                                     const std::string& module_path,
                                                     const ModulePatience& patience) {
  TS_TRY(auto remote,
         (Remote<KeyDescription>::open(Operation::open_key, uri, module_path, patience)));
  return std::unique_ptr<KeyDevice>(std::make_unique<IsolatedKey>(std::move(remote)));
}

Result<std::unique_ptr<KeyManager>> open_isolated_key_manager(const Pkcs11Uri& uri,
                                                              const std::string& module_path,
                                                              const ModulePatience& patience) {
  TS_TRY(auto remote,
         (Remote<ManagerState>::open(Operation::open_key_manager, uri, module_path, patience)));
  return std::unique_ptr<KeyManager>(std::make_unique<IsolatedManager>(std::move(remote)));
}

Result<std::unique_ptr<PinManager>> open_isolated_pin_manager(const Pkcs11Uri& uri,
                                                              const std::string& module_path,
                                                              const ModulePatience& patience) {
  TS_TRY(auto remote,
         (Remote<PinState>::open(Operation::open_pin_manager, uri, module_path, patience)));
  return std::unique_ptr<PinManager>(std::make_unique<IsolatedPins>(std::move(remote)));
}

Result<std::vector<KeyDescription>> list_isolated_keys(const Pkcs11Uri& uri,
                                                       const std::string& module_path,
                                                       const ModulePatience& patience) {
  std::vector<KeyDescription> keys;
  const Request request{Operation::list_keys, "listing the keys", silent(patience.answer)};
  TS_TRY(const auto process, ModuleProcess::of(module_path, answer_about_modules));
  TS_CHECK(ask<bool>(*process, request, MessageWriter()(request.operation, uri, module_path),
                     nullptr, keys));
  return keys;
}

Result<crypto::PublicKey> read_isolated_public_key(const Pkcs11Uri& uri,
                                                   const std::string& module_path,
                                                   const ModulePatience& patience) {
  std::optional<crypto::PublicKey> key;
  const Request request{Operation::read_public_key, "telling the public key",
                        silent(patience.start)};
  TS_TRY(const auto process, ModuleProcess::of(module_path, answer_about_modules));
  TS_CHECK(ask<bool>(*process, request, MessageWriter()(request.operation, uri, module_path),
                     nullptr, key));
  if (!key) return process->distrust(request.doing);
  return *std::move(key);
}

}  // namespace touchstone::hsm
