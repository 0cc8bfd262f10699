#include "tests/support/soft_token.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "tests/support/sanitizer.h"

#ifdef TOUCHSTONE_SANITIZED
#include <sanitizer/lsan_interface.h>
#endif

namespace touchstone::test {

SoftHsmLeaksHere::SoftHsmLeaksHere() {
#ifdef TOUCHSTONE_SANITIZED
  __lsan_disable();
#endif
}

SoftHsmLeaksHere::~SoftHsmLeaksHere() {
#ifdef TOUCHSTONE_SANITIZED
  __lsan_enable();
#endif
}

namespace {

namespace ck = hsm::ck;

constexpr ck::Ulong token_initialized = 0x400;

void require(ck::Rv value, const char* what) {
  if (value == ck::rv::ok) return;
  char text[128];
  (void)snprintf(text, sizeof text, "SoftHSM: %s gives 0x%lX", what, value);
  throw std::runtime_error(text);
}

const ck::Byte* octets(std::string_view text) {
  return reinterpret_cast<const ck::Byte*>(text.data());
}

ck::Attribute attribute(ck::Ulong type, const void* value, std::size_t length) {
  return {type, const_cast<void*>(value), length};
}

// SoftHSM, started; stopped at the end of the scope.
class Softhsm {
 public:
  Softhsm() : library_(dlopen(SoftToken::softhsm().c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (library_ == nullptr) throw std::runtime_error(dlerror());
    const auto get =
        reinterpret_cast<ck::Rv (*)(ck::FunctionList**)>(dlsym(library_, "C_GetFunctionList"));
    require(get(&list_), "C_GetFunctionList");
    require(list_->initialize(nullptr), "C_Initialize");
  }
  ~Softhsm() {
    list_->finalize(nullptr);
    dlclose(library_);
  }
  Softhsm(const Softhsm&) = delete;
  Softhsm& operator=(const Softhsm&) = delete;

  ck::FunctionList* operator->() const { return list_; }

  // The slot of the token with this label; of an empty one when the label is empty.
  ck::SlotId slot(std::string_view label) const {
    ck::Ulong count = 0;
    require(list_->get_slot_list(1, nullptr, &count), "C_GetSlotList");
    std::vector<ck::SlotId> slots(count);
    require(list_->get_slot_list(1, slots.data(), &count), "C_GetSlotList");
    for (const ck::SlotId slot : slots) {
      ck::TokenInfo info{};
      require(list_->get_token_info(slot, &info), "C_GetTokenInfo");
      const bool initialized = (info.flags & token_initialized) != 0;
      const std::string padded = std::string(label) + std::string(32 - label.size(), ' ');
      if (label.empty() ? !initialized
                        : initialized && std::memcmp(info.label, padded.data(), 32) == 0) {
        return slot;
      }
    }
    throw std::runtime_error("SoftHSM: no such slot");
  }

  ck::Session session(ck::SlotId slot, ck::Ulong user, std::string_view pin) const {
    ck::Session session = 0;
    require(list_->open_session(slot, ck::flag::serial_session | ck::flag::rw_session, nullptr,
                                nullptr, &session),
            "C_OpenSession");
    require(list_->login(session, user, octets(pin), pin.size()), "C_Login");
    return session;
  }

 private:
  void* library_;
  ck::FunctionList* list_ = nullptr;
};

struct Curve {
  std::vector<ck::Byte> parameters;
  ck::Ulong mechanism;
};

Curve curve_of(TokenKeyKind kind) {
  switch (kind) {
    case TokenKeyKind::p256:
      return {{0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07},
              ck::mechanism::ec_key_pair_gen};
    case TokenKeyKind::p384:
      return {{0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22}, ck::mechanism::ec_key_pair_gen};
    case TokenKeyKind::p521:
      return {{0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23}, ck::mechanism::ec_key_pair_gen};
    default:
      return {{0x13, 0x0C, 'e', 'd', 'w', 'a', 'r', 'd', 's', '2', '5', '5', '1', '9'},
              ck::mechanism::ec_edwards_key_pair_gen};
  }
}

ck::Ulong rsa_bits(TokenKeyKind kind) {
  switch (kind) {
    case TokenKeyKind::rsa2048:
      return 2048;
    case TokenKeyKind::rsa3072:
      return 3072;
    case TokenKeyKind::rsa4096:
      return 4096;
    default:
      return 0;
  }
}

}  // namespace

std::string SoftToken::softhsm() {
  for (const char* path :
       {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so"}) {
    if (std::filesystem::exists(path)) return path;
  }
  return "";
}

bool SoftToken::available() {
  if (!softhsm().empty()) return true;
  (void)fputs("skipped: SoftHSM (package softhsm2) is not installed\n", stderr);
  return false;
}

SoftToken::SoftToken(std::string_view label) {
  std::filesystem::create_directory(folder_ / "tokens");
  const std::string configuration =
      folder_.write("softhsm2.conf", "directories.tokendir = " + (folder_ / "tokens") +
                                         "\nobjectstore.backend = file\nlog.level = ERROR\n"
                                         "slots.removable = false\n");
  setenv("SOFTHSM2_CONF", configuration.c_str(), 1);
  add_token(label);
}

SoftToken::~SoftToken() { unsetenv("SOFTHSM2_CONF"); }

void SoftToken::add_token(std::string_view label) {
  const Softhsm softhsm;
  const std::string padded = std::string(label) + std::string(32 - label.size(), ' ');
  require(softhsm->init_token(softhsm.slot(""), octets(so_pin), so_pin.size(), octets(padded)),
          "C_InitToken");
  // The newest of tokens with the same label is the one without a user PIN.
  ck::Ulong count = 0;
  require(softhsm->get_slot_list(1, nullptr, &count), "C_GetSlotList");
  std::vector<ck::SlotId> slots(count);
  require(softhsm->get_slot_list(1, slots.data(), &count), "C_GetSlotList");
  for (const ck::SlotId slot : slots) {
    constexpr ck::Ulong user_pin_initialized = 0x8;
    ck::TokenInfo info{};
    require(softhsm->get_token_info(slot, &info), "C_GetTokenInfo");
    if ((info.flags & token_initialized) == 0 || (info.flags & user_pin_initialized) != 0) continue;
    const ck::Session session = softhsm.session(slot, ck::user::security_officer, so_pin);
    require(softhsm->init_pin(session, octets(pin), pin.size()), "C_InitPIN");
    require(softhsm->close_session(session), "C_CloseSession");
  }
}

void SoftToken::generate(TokenKeyKind kind, std::string_view label, const Bytes& id,
                         const TokenKeyOptions& options) {
  const auto leaks =
      kind == TokenKeyKind::ed25519 ? std::optional<SoftHsmLeaksHere>(std::in_place) : std::nullopt;
  const Softhsm softhsm;
  const ck::Session session = softhsm.session(softhsm.slot(options.token), ck::user::normal, pin);
  const ck::Byte yes = 1;
  const ck::Byte no = 0;
  const ck::Byte hidden = options.private_object ? 1 : 0;
  const ck::Byte each_time = options.always_authenticate ? 1 : 0;
  const ck::Ulong bits = rsa_bits(kind);
  const std::array<ck::Byte, 3> exponent = {1, 0, 1};
  const Curve curve = curve_of(kind);

  const std::string_view other = options.public_label.empty() ? label : options.public_label;
  std::vector<ck::Attribute> public_half = {
      attribute(ck::attribute::token, &yes, 1), attribute(ck::attribute::is_private, &no, 1),
      attribute(ck::attribute::verify, &yes, 1),
      attribute(ck::attribute::label, other.data(), other.size()),
      attribute(ck::attribute::id, id.data(), id.size())};
  if (bits != 0) {
    public_half.push_back(attribute(ck::attribute::modulus_bits, &bits, sizeof bits));
    public_half.push_back(
        attribute(ck::attribute::public_exponent, exponent.data(), exponent.size()));
  } else {
    public_half.push_back(
        attribute(ck::attribute::ec_params, curve.parameters.data(), curve.parameters.size()));
  }
  std::vector<ck::Attribute> private_half = {
      attribute(ck::attribute::token, &yes, 1),
      attribute(ck::attribute::is_private, &hidden, 1),
      attribute(ck::attribute::sign, &yes, 1),
      attribute(ck::attribute::label, label.data(), label.size()),
      attribute(ck::attribute::id, id.data(), id.size()),
      attribute(ck::attribute::always_authenticate, &each_time, 1)};

  ck::Mechanism mechanism{bits != 0 ? ck::mechanism::rsa_pkcs_key_pair_gen : curve.mechanism,
                          nullptr, 0};
  ck::Object public_key = 0;
  ck::Object private_key = 0;
  require(softhsm->generate_key_pair(session, &mechanism, public_half.data(), public_half.size(),
                                     private_half.data(), private_half.size(), &public_key,
                                     &private_key),
          "C_GenerateKeyPair");
  if (!options.keep_public)
    require(softhsm->destroy_object(session, public_key), "C_DestroyObject");
}

void SoftToken::add_certificate(ByteView der, std::string_view label, const Bytes& id) {
  const Softhsm softhsm;
  const ck::Session session = softhsm.session(softhsm.slot("rel"), ck::user::normal, pin);
  const ck::Byte yes = 1;
  const ck::Byte no = 0;
  const ck::Ulong object_class = ck::object_class::certificate;
  const ck::Ulong x509 = 0;
  const std::array<ck::Byte, 2> subject = {0x30, 0x00};
  std::vector<ck::Attribute> wanted = {
      attribute(ck::attribute::object_class, &object_class, sizeof object_class),
      attribute(ck::attribute::certificate_type, &x509, sizeof x509),
      attribute(ck::attribute::token, &yes, 1),
      attribute(ck::attribute::is_private, &no, 1),
      attribute(ck::attribute::subject, subject.data(), subject.size()),
      attribute(ck::attribute::label, label.data(), label.size()),
      attribute(ck::attribute::id, id.data(), id.size()),
      attribute(ck::attribute::value, der.data(), der.size())};
  ck::Object certificate = 0;
  require(softhsm->create_object(session, wanted.data(), wanted.size(), &certificate),
          "C_CreateObject");
}

std::vector<std::string> SoftToken::inventory(std::string_view user_pin) const {
  const Softhsm softhsm;
  const ck::Session session = softhsm.session(softhsm.slot("rel"), ck::user::normal, user_pin);
  require(softhsm->find_objects_init(session, nullptr, 0), "C_FindObjectsInit");
  std::array<ck::Object, 64> objects{};
  ck::Ulong count = 0;
  require(softhsm->find_objects(session, objects.data(), objects.size(), &count), "C_FindObjects");
  require(softhsm->find_objects_final(session), "C_FindObjectsFinal");
  std::vector<std::string> names;
  for (ck::Ulong i = 0; i < count; ++i) {
    ck::Ulong object_class = 0;
    std::array<char, 64> label{};
    std::array<std::uint8_t, 64> id{};
    std::array<ck::Attribute, 3> wanted = {
        {{ck::attribute::object_class, &object_class, sizeof object_class},
         {ck::attribute::label, label.data(), label.size()},
         {ck::attribute::id, id.data(), id.size()}}};
    require(softhsm->get_attribute_value(session, objects[i], wanted.data(), wanted.size()),
            "C_GetAttributeValue");
    const char* kind = object_class == ck::object_class::private_key  ? "private "
                       : object_class == ck::object_class::public_key ? "public "
                                                                      : "certificate ";
    names.push_back(kind + std::string(label.data(), wanted[1].length) + " " +
                    to_hex(ByteView(id).first(wanted[2].length)));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string SoftToken::uri(std::string_view path, std::string_view module) const {
  return "pkcs11:" + std::string(path) +
         "?module-path=" + (module.empty() ? softhsm() : std::string(module));
}

}  // namespace touchstone::test
