#include "hsm/module.h"

#include <dlfcn.h>
#include <libp11.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "crypto/openssl.h"
#include "hsm/cryptoki_error.h"
#include "hsm/module_path.h"
#include "hsm/openssl_of_others.h"

namespace touchstone::hsm {
namespace {

using Context = crypto::Handle<PKCS11_CTX, PKCS11_CTX_free>;

// The modules that are loaded now, by the file they came from.
struct Loaded {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<Module>> by_path;
};

Loaded& loaded() {
  static Loaded only;
  return only;
}

std::string text_of(const char* text) { return text == nullptr ? "" : text; }

std::string without_padding(std::span<const ck::Byte> field) {
  std::string text(as_text(ByteView(field.data(), field.size())));
  text.erase(text.find_last_not_of(std::string_view(" \0", 2)) + 1);
  return text;
}

KeyDescription::Tries tries_of(const PKCS11_TOKEN& token) {
  if (token.userPinLocked != 0) return KeyDescription::Tries::locked;
  if (token.userPinFinalTry != 0) return KeyDescription::Tries::last;
  if (token.userPinCountLow != 0) return KeyDescription::Tries::low;
  return KeyDescription::Tries::normal;
}

KeyDescription::Tries officer_tries_of(const PKCS11_TOKEN& token) {
  if (token.soPinLocked != 0) return KeyDescription::Tries::locked;
  if (token.soPinFinalTry != 0) return KeyDescription::Tries::last;
  if (token.soPinCountLow != 0) return KeyDescription::Tries::low;
  return KeyDescription::Tries::normal;
}

Token describe(PKCS11_SLOT& slot) {
  const PKCS11_TOKEN& token = *slot.token;
  return Token{
      .slot_id = PKCS11_get_slotid_from_slot(&slot),
      .label = text_of(token.label),
      .manufacturer = text_of(token.manufacturer),
      .model = text_of(token.model),
      .serial = text_of(token.serialnr),
      .slot_description = text_of(slot.description),
      .slot_manufacturer = text_of(slot.manufacturer),
      .login_required = token.loginRequired != 0,
      .own_keypad = token.secureLogin != 0,
      .tries = tries_of(token),
      .officer_tries = officer_tries_of(token),
  };
}

template <class T>
bool fits(const std::optional<T>& wanted, const T& found) {
  return !wanted || *wanted == found;
}

}  // namespace

// Lists stay until the module is unloaded, because releasing one ends all sessions of its slots.
struct Module::Libp11 {
  struct Slots {
    PKCS11_SLOT* first = nullptr;
    unsigned count = 0;
  };
  Context context{PKCS11_CTX_new()};
  std::vector<Slots> lists;
  bool started = false;

  ~Libp11() {
    for (const Slots& slots : lists) {
      PKCS11_release_all_slots(context.get(), slots.first, slots.count);
    }
    if (started) PKCS11_CTX_unload(context.get());
    (void)crypto::drain_errors();
  }
};

Result<std::shared_ptr<Module>> Module::load(const std::string& path) {
  TS_TRY(const std::string file, safe_module(path));
  const std::lock_guard lock(loaded().mutex);
  std::weak_ptr<Module>& known = loaded().by_path[file];
  if (std::shared_ptr<Module> module = known.lock()) return module;
  std::shared_ptr<Module> module(new Module);
  TS_CHECK(module->start(file));
  known = module;
  return module;
}

Status Module::start(const std::string& path) {
  const auto unusable = [&](std::string_view why) {
    (void)crypto::drain_errors();
    return Error{Code::device_module, "\"" + printable(path) + "\" " + std::string(why), ""};
  };
  process_ = getpid();
  library_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) return unusable("cannot be loaded");
  ignore_openssl_configuration_of(library_);
  using GetFunctionList = ck::Rv (*)(ck::FunctionList**);
  const auto get = reinterpret_cast<GetFunctionList>(dlsym(library_, "C_GetFunctionList"));
  if (get == nullptr) return unusable("is not a PKCS#11 module");
  ck::FunctionList* functions = nullptr;
  if (get(&functions) != ck::rv::ok || functions == nullptr ||
      functions->version.major_number < 2) {
    return unusable("is not a PKCS#11 module of version 2");
  }
  functions_ = functions;

  libp11_ = std::make_unique<Libp11>();
  if (libp11_->context == nullptr) return unusable("cannot be used");
  if (PKCS11_CTX_load(libp11_->context.get(), path.c_str()) != 0) {
    return unusable("does not start (C_Initialize failed)");
  }
  libp11_->started = true;
  return ok();
}

Module::~Module() {
  // In a child, C_Finalize could hang on the parent's locks: leave the module alone there.
  if (!loaded_by_this_process()) {
    (void)libp11_.release();
    return;
  }
  libp11_.reset();
  if (library_ != nullptr) dlclose(library_);
}

bool Module::loaded_by_this_process() const { return process_ == getpid(); }

Result<std::vector<Token>> Module::tokens() {
  ck::Ulong announced = 0;
  if (const ck::Rv value = functions_->get_slot_list(0, nullptr, &announced); value != ck::rv::ok) {
    return cryptoki_error(value, "listing the slots");
  }
  if (announced > limits::max_slots) {
    return Error{Code::device_module,
                 "the module claims to have " + std::to_string(announced) + " slots", ""};
  }
  Libp11::Slots slots;
  if (PKCS11_enumerate_slots(libp11_->context.get(), &slots.first, &slots.count) != 0) {
    const int value = ERR_get_CKR_code();
    (void)crypto::drain_errors();
    return cryptoki_error(static_cast<ck::Rv>(value), "listing the slots");
  }
  libp11_->lists.push_back(slots);
  std::vector<Token> found;
  for (PKCS11_SLOT& slot : std::span(slots.first, slots.count)) {
    if (slot.token != nullptr && slot.token->initialized != 0) found.push_back(describe(slot));
  }
  (void)crypto::drain_errors();
  return found;
}

Result<Module::PinLengths> Module::pin_lengths(ck::SlotId slot_id) const {
  ck::TokenInfo info{};
  if (const ck::Rv value = functions_->get_token_info(slot_id, &info); value != ck::rv::ok) {
    return cryptoki_error(value, "asking the token");
  }
  // Zero and absurd bounds are no bounds.
  const std::size_t max = info.max_pin_length > limits::max_pin_bytes ? 0 : info.max_pin_length;
  return PinLengths{info.min_pin_length > limits::max_pin_bytes ? 0 : info.min_pin_length, max};
}

bool Module::matches(const Pkcs11Uri& uri) const {
  if (!uri.library_manufacturer && !uri.library_description && !uri.library_version) return true;
  ck::Info info{};
  if (functions_->get_info(&info) != ck::rv::ok) return false;
  const Pkcs11Uri::LibraryVersion version{info.library_version.major_number,
                                          info.library_version.minor_number};
  return fits(uri.library_manufacturer, without_padding(info.manufacturer)) &&
         fits(uri.library_description, without_padding(info.description)) &&
         fits(uri.library_version, version);
}

bool matches(const Token& token, const Pkcs11Uri& uri) {
  return fits(uri.token, token.label) && fits(uri.manufacturer, token.manufacturer) &&
         fits(uri.serial, token.serial) && fits(uri.model, token.model) &&
         fits<std::uint64_t>(uri.slot_id, token.slot_id) &&
         fits(uri.slot_description, token.slot_description) &&
         fits(uri.slot_manufacturer, token.slot_manufacturer);
}

std::string name_of(const Token& token) {
  const std::string& kind = token.model.empty() ? token.manufacturer : token.model;
  std::string name = kind.empty() ? "" : printable(kind) + " ";
  name += "token \"" + printable(token.label) + "\"";
  if (!token.serial.empty()) name += " (serial " + printable(token.serial) + ")";
  return name;
}

}  // namespace touchstone::hsm
