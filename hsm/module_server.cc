#include "hsm/module_server.h"

#include <map>
#include <utility>

#include "hsm/message.h"
#include "hsm/pkcs11_device.h"
#include "hsm/pkcs11_manager.h"
#include "hsm/pkcs11_pins.h"

namespace touchstone::hsm {
namespace {

Error not_understood() {
  return Error{Code::internal_error, "a question to a module's process is not understood", ""};
}

struct Opened {
  std::unique_ptr<KeyDevice> key;
  std::unique_ptr<KeyManager> manager;
  std::unique_ptr<PinManager> pins;
};

ManagerState state_of(const KeyManager& manager) {
  return {manager.place(), manager.needed_for(Change::make_key),
          manager.needed_for(Change::remove_key), manager.needed_for(Change::certificate)};
}

// Into an answer: that it went well, and the value; or the error.
void write(MessageWriter& answer, const Status& status) {
  answer(static_cast<bool>(status));
  if (!status) answer(status.error());
}
template <class T>
void write(MessageWriter& answer, const Result<T>& result) {
  answer(static_cast<bool>(result));
  if (result) {
    answer(*result);
  } else {
    answer(result.error());
  }
}
void write(MessageWriter& answer, const Result<crypto::PublicKey>& key) {
  answer(static_cast<bool>(key));
  if (key) {
    answer(std::optional(*key));
  } else {
    answer(key.error());
  }
}
void write(MessageWriter& answer, const Result<MadeKey>& made) {
  answer(static_cast<bool>(made));
  if (made) {
    answer(made->name, std::optional(made->public_key));
  } else {
    answer(made.error());
  }
}

class ModuleServer {
 public:
  Bytes answer(ByteView question, std::vector<Secret> secrets) {
    MessageReader reader(question);
    MessageWriter answer;
    if (!answer_to(reader, std::move(secrets), answer)) write(answer, Status(not_understood()));
    return answer.bytes();
  }

 private:
  // False for questions that are none; nothing was answered then.
  bool answer_to(MessageReader& question, std::vector<Secret> secrets, MessageWriter& answer) {
    Operation operation{};
    if (!question(operation).good()) return false;
    if (operation <= Operation::read_public_key) return open(operation, question, answer);
    std::uint32_t name = 0;
    if (!question(name).good()) return false;
    const auto found = opened_.find(name);
    if (found == opened_.end()) return false;
    if (operation == Operation::close) {
      opened_.erase(found);
      write(answer, ok());
      return question.finished();
    }
    secrets.resize(2);
    if (found->second.key) return use(*found->second.key, operation, question, secrets, answer);
    if (found->second.pins) return use(*found->second.pins, operation, question, secrets, answer);
    return use(*found->second.manager, operation, question, secrets, answer);
  }

  template <class T, class State>
  bool keep(Result<std::unique_ptr<T>> result, std::unique_ptr<T> Opened::* place, State state,
            MessageWriter& answer) {
    if (!result) {
      write(answer, Status(std::move(result).error()));
      return true;
    }
    const std::uint32_t name = next_++;
    answer(true, name, state(**result));
    opened_[name].*place = *std::move(result);
    return true;
  }

  bool open(Operation operation, MessageReader& question, MessageWriter& answer) {
    Pkcs11Uri uri;
    std::string module_path;
    if (!question(uri, module_path).finished()) return false;
    switch (operation) {
      case Operation::open_key:
        return keep(
            open_token_key(uri, module_path), &Opened::key,
            [](const KeyDevice& key) { return key.describe(); }, answer);
      case Operation::open_key_manager:
        return keep(open_token_key_manager(uri, module_path), &Opened::manager, state_of, answer);
      case Operation::open_pin_manager:
        return keep(
            open_token_pin_manager(uri, module_path), &Opened::pins,
            [](const PinManager& pins) { return pins.state(); }, answer);
      case Operation::list_keys:
        write(answer, list_token_keys(uri, module_path));
        return true;
      case Operation::read_public_key:
        write(answer, read_token_public_key(uri, module_path));
        return true;
      default:
        return false;
    }
  }

  static bool use(KeyDevice& key, Operation operation, MessageReader& question,
                  std::vector<Secret>& secrets, MessageWriter& answer) {
    if (operation == Operation::unlock && question.finished()) {
      write(answer, key.unlock(std::move(secrets[0])));
    } else if (operation == Operation::public_key && question.finished()) {
      write(answer, key.public_key());
    } else if (operation == Operation::sign) {
      Scheme scheme{};
      Bytes message;
      if (!question(scheme, message).finished()) return false;
      write(answer, key.sign(scheme, message));
    } else if (operation == Operation::sign_digest) {
      Scheme scheme{};
      Bytes digest;
      if (!question(scheme, digest).finished()) return false;
      write(answer, key.sign_digest(scheme, digest));
    } else {
      return false;
    }
    answer(key.describe());
    return true;
  }

  static bool use(KeyManager& manager, Operation operation, MessageReader& question,
                  std::vector<Secret>& secrets, MessageWriter& answer) {
    if (!change(manager, operation, question, secrets, answer)) return false;
    answer(state_of(manager));
    return true;
  }

  static bool change(KeyManager& manager, Operation operation, MessageReader& question,
                     std::vector<Secret>& secrets, MessageWriter& answer) {
    Existing existing{};
    switch (operation) {
      case Operation::authorize:
        if (!question.finished()) return false;
        write(answer, manager.authorize(std::move(secrets[0])));
        return true;
      case Operation::holding:
        if (!question.finished()) return false;
        write(answer, manager.holding());
        return true;
      case Operation::remove:
        if (!question.finished()) return false;
        write(answer, manager.remove());
        return true;
      case Operation::generate: {
        KeySpec spec;
        std::uint32_t rsa_bits = 0;
        if (!question(spec.kind, rsa_bits, spec.policies, existing).finished()) return false;
        spec.rsa_bits = static_cast<int>(rsa_bits);
        write(answer, manager.generate(spec, existing));
        return true;
      }
      case Operation::import_key: {
        KeyPolicies policies;
        if (!question(policies, existing).finished()) return false;
        const auto key = crypto::PrivateKey::from_pem(as_bytes(secrets[0].reveal()), nullptr);
        write(answer,
              key ? manager.import_key(*key, policies, existing) : Result<MadeKey>(key.error()));
        return true;
      }
      case Operation::store_certificate: {
        Bytes certificate;
        if (!question(certificate, existing).finished()) return false;
        write(answer, manager.store_certificate(certificate, existing));
        return true;
      }
      default:
        return false;
    }
  }

  static bool use(PinManager& pins, Operation operation, MessageReader& question,
                  std::vector<Secret>& secrets, MessageWriter& answer) {
    using ChangeOf = Status (PinManager::*)(const Secret&, const Secret&);
    static const std::map<Operation, ChangeOf> changes = {
        {Operation::change_pin, &PinManager::change_pin},
        {Operation::unblock_pin, &PinManager::unblock_pin},
        {Operation::change_puk, &PinManager::change_puk},
        {Operation::change_management_key, &PinManager::change_management_key}};
    const auto found = changes.find(operation);
    if (found == changes.end() || !question.finished()) return false;
    write(answer, (pins.*found->second)(secrets[0], secrets[1]));
    answer(pins.state());
    return true;
  }

  std::map<std::uint32_t, Opened> opened_;
  std::uint32_t next_ = 1;
};

}  // namespace

Answering answer_about_modules() {
  const auto server = std::make_shared<ModuleServer>();
  return [server](ByteView question, std::vector<Secret> secrets) {
    return server->answer(question, std::move(secrets));
  };
}

}  // namespace touchstone::hsm
