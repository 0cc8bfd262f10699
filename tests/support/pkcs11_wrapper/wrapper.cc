// A PKCS#11 module that misbehaves on demand and is SoftHSM otherwise.
//
// TOUCHSTONE_TEST_MODULE is the real module; TOUCHSTONE_TEST_FAULT one of the words below, or what
// to do and at which call: "segfault:sign", also "abort", "exit", "hang", "slow" and
// "ignores-signals". PIN tries are counted in the file TOUCHSTONE_TEST_TRIES, when set, as a card
// would: three, then blocked; those of the security officer in TOUCHSTONE_TEST_OFFICER_TRIES.
// TOUCHSTONE_TEST_FAIL="create_object:2" lets the second call of that function fail, with a "+"
// after it all later ones too. TOUCHSTONE_TEST_KEY is the key that "one-nonce" signs with. A test
// that is to change its mind while the module runs says both in the file TOUCHSTONE_TEST_CONTROL
// (control.h).
#include <dlfcn.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "hsm/cryptoki.h"
#include "tests/support/one_nonce.h"
#include "tests/support/pkcs11_wrapper/control.h"

namespace {

namespace ck = touchstone::hsm::ck;

ck::FunctionList* real = nullptr;
ck::FunctionList ours;
bool attribute_was_measured = false;
bool logged_in = false;
bool officer = false;  // who logged in last

touchstone::test::WrapperControl& control() {
  using touchstone::test::WrapperControl;
  static WrapperControl* const only = [] {
    static WrapperControl alone{};
    const char* path = getenv("TOUCHSTONE_TEST_CONTROL");
    const int fd = path == nullptr ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return &alone;
    void* shared = mmap(nullptr, sizeof(WrapperControl), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return shared == MAP_FAILED ? &alone : static_cast<WrapperControl*>(shared);
  }();
  return *only;
}

std::string_view told(const char* by_control, const char* by_variable) {
  if (*by_control != '\0') return by_control;
  const char* value = getenv(by_variable);
  return value == nullptr ? "" : value;
}

bool fault(std::string_view name) { return name == told(control().fault, "TOUCHSTONE_TEST_FAULT"); }

// What each function does first.
void enter(const std::string& where) {
  if (fault("noise")) (void)printf("module says: %s\n", where.c_str());
  if (fault("segfault:" + where)) (void)raise(SIGSEGV);
  if (fault("abort:" + where)) abort();
  if (fault("exit:" + where)) exit(3);
  if (fault("ignores-signals:" + where)) {
    for (int number = 1; number < NSIG; ++number) (void)signal(number, SIG_IGN);
    while (true) (void)pause();
  }
  if (fault("hang:" + where)) (void)pause();
  if (fault("slow:" + where)) (void)sleep(3);
  // An answer of one byte, into the descriptor that is not its own.
  if (fault("talks:" + where)) (void)!write(3, "\0\0\0\1\7", 5);
}

// Whether this call of `name` is one that is to fail.
bool failing(std::string_view name);

const char* tries_file(ck::Ulong user = ck::user::normal) {
  return getenv(user == ck::user::security_officer ? "TOUCHSTONE_TEST_OFFICER_TRIES"
                                                   : "TOUCHSTONE_TEST_TRIES");
}

int tries_left(ck::Ulong user = ck::user::normal) {
  int tries = 3;
  if (tries_file(user) == nullptr) return tries;
  if (FILE* file = fopen(tries_file(user), "r")) {
    if (fscanf(file, "%d", &tries) != 1) tries = 3;
    (void)fclose(file);
  }
  return tries;
}

void set_tries_left(int tries, ck::Ulong user = ck::user::normal) {
  if (tries_file(user) == nullptr) return;
  if (FILE* file = fopen(tries_file(user), "w")) {
    (void)fprintf(file, "%d", tries);
    (void)fclose(file);
  }
}

// The outcome of presenting a secret, counted as a card counts.
ck::Rv counted(ck::Ulong user, ck::Rv value) {
  if (value == ck::rv::pin_incorrect) set_tries_left(tries_left(user) - 1, user);
  if (value == ck::rv::ok) set_tries_left(3, user);
  return value;
}

ck::Rv initialize(void* arguments) {
  enter("initialize");
  ++control().processes;
  if (fault("leaves-a-process") && fork() == 0) {
    (void)sleep(3600);
    _exit(0);
  }
  if (fault("initialize")) return ck::rv::device_error;
  return real->initialize(arguments);
}

ck::Rv finalize(void* reserved) {
  enter("finalize");
  return real->finalize(reserved);
}

ck::Rv get_slot_list(ck::Byte present, ck::SlotId* slots, ck::Ulong* count) {
  enter("get_slot_list");
  if (fault("slot-count") && slots == nullptr) {
    *count = 1'000'000'000;
    return ck::rv::ok;
  }
  return real->get_slot_list(present, slots, count);
}

ck::Rv get_token_info(ck::SlotId slot, ck::TokenInfo* info) {
  enter("get_token_info");
  const ck::Rv value = real->get_token_info(slot, info);
  if (fault("another-token")) info->serial[0] ^= 1;
  if (fault("twins")) std::memset(info->serial, '7', sizeof info->serial);
  if (tries_file() != nullptr && value == ck::rv::ok) {
    const int tries = tries_left();
    info->flags &=
        ~(ck::flag::user_pin_count_low | ck::flag::user_pin_final_try | ck::flag::user_pin_locked);
    if (tries < 3) info->flags |= ck::flag::user_pin_count_low;
    if (tries == 1) info->flags |= ck::flag::user_pin_final_try;
    if (tries == 0) info->flags |= ck::flag::user_pin_locked;
  }
  if (tries_file(ck::user::security_officer) != nullptr && value == ck::rv::ok) {
    const int tries = tries_left(ck::user::security_officer);
    info->flags &=
        ~(ck::flag::so_pin_count_low | ck::flag::so_pin_final_try | ck::flag::so_pin_locked);
    if (tries < 3) info->flags |= ck::flag::so_pin_count_low;
    if (tries == 1) info->flags |= ck::flag::so_pin_final_try;
    if (tries == 0) info->flags |= ck::flag::so_pin_locked;
  }
  return value;
}

ck::Rv login(ck::Session session, ck::Ulong user, const ck::Byte* pin, ck::Ulong length);

// The public key with that label.
ck::Object object_named(std::string_view label, ck::Session session) {
  ck::Ulong wanted_class = ck::object_class::public_key;
  ck::Attribute wanted[2] = {{ck::attribute::object_class, &wanted_class, sizeof wanted_class},
                             {ck::attribute::label, const_cast<char*>(label.data()), label.size()}};
  ck::Object object = 0;
  ck::Ulong count = 0;
  real->find_objects_init(session, wanted, 2);
  real->find_objects(session, &object, 1, &count);
  real->find_objects_final(session);
  return object;
}

ck::Rv get_attribute_value(ck::Session session, ck::Object object, ck::Attribute* wanted,
                           ck::Ulong count) {
  if (failing("get_attribute_value")) return ck::rv::device_error;
  if (fault("long-attribute") && wanted->value == nullptr) {
    wanted->length = ck::Ulong{1} << 40;
    return ck::rv::ok;
  }
  if (fault("other-key-after-login") && logged_in && wanted->type == ck::attribute::ec_point) {
    object = object_named("other", session);
  }
  const bool measuring = wanted->value == nullptr;
  const ck::Rv value = real->get_attribute_value(session, object, wanted, count);
  if (fault("growing-attribute") && !measuring && attribute_was_measured) wanted->length += 1;
  attribute_was_measured = measuring;
  return value;
}

ck::Rv find_objects(ck::Session session, ck::Object* objects, ck::Ulong most, ck::Ulong* count) {
  enter("find_objects");
  if (failing("find_objects")) return ck::rv::device_error;
  if (fault("find-too-many")) {
    *count = most + 1;
    return ck::rv::ok;
  }
  if (fault("endless-objects")) {
    for (ck::Ulong i = 0; i < most; ++i) objects[i] = 1;
    *count = most;
    return ck::rv::ok;
  }
  return real->find_objects(session, objects, most, count);
}

ck::Rv sign_init(ck::Session session, ck::Mechanism* mechanism, ck::Object key) {
  enter("sign_init");
  if (failing("sign_init")) return ck::rv::device_error;
  if (fault("mechanism-invalid")) return ck::rv::mechanism_invalid;
  return real->sign_init(session, mechanism, key);
}

// As a token whose random numbers fail would sign, with the key in PEM at TOUCHSTONE_TEST_KEY.
void repeat_the_nonce(const ck::Byte* data, ck::Ulong size, ck::Byte* signature,
                      ck::Ulong* length) {
  FILE* file = fopen(getenv("TOUCHSTONE_TEST_KEY"), "r");
  EVP_PKEY* key = file == nullptr ? nullptr : PEM_read_PrivateKey(file, nullptr, nullptr, nullptr);
  if (file != nullptr) (void)fclose(file);
  if (key == nullptr) return;
  const auto made = touchstone::test::sign_with_one_nonce(key, {data, size});
  std::memcpy(signature, made.r.data(), made.r.size());
  std::memcpy(signature + made.r.size(), made.s.data(), made.s.size());
  *length = made.r.size() + made.s.size();
  EVP_PKEY_free(key);
}

ck::Rv sign(ck::Session session, const ck::Byte* data, ck::Ulong size, ck::Byte* signature,
            ck::Ulong* length) {
  enter("sign");
  ++control().signatures;
  if (failing("sign")) return ck::rv::device_error;
  if (fault("sign-removed")) return ck::rv::device_removed;
  if (fault("sign-token-gone")) return ck::rv::token_not_present;
  if (fault("sign-error")) return ck::rv::device_error;
  if (fault("sign-buffer")) return 0x150;
  if (fault("sign-unknown")) return 0x8000'0001;
  const ck::Rv value = real->sign(session, data, size, signature, length);
  if (value != ck::rv::ok) return value;
  if (fault("one-nonce")) repeat_the_nonce(data, size, signature, length);
  if (fault("wrong-signature")) signature[*length - 1] ^= 1;
  if (fault("long-signature")) *length = 1 << 30;
  if (fault("odd-signature")) *length -= 1;
  if (fault("empty-signature")) *length = 0;
  return value;
}

ck::Rv open_session(ck::SlotId slot, ck::Ulong flags, void* application, void* notify,
                    ck::Session* session) {
  if (failing("open_session")) return ck::rv::device_error;
  if (fault("write-protected") && (flags & ck::flag::rw_session) != 0) {
    return ck::rv::token_write_protected;
  }
  return real->open_session(slot, flags, application, notify, session);
}

ck::Rv create_object(ck::Session session, ck::Attribute* attributes, ck::Ulong count,
                     ck::Object* object) {
  enter("create_object");
  if (failing("create_object")) return ck::rv::device_error;
  if (fault("changes-certificate")) {
    for (ck::Ulong i = 0; i < count; ++i) {
      if (attributes[i].type == ck::attribute::value) --attributes[i].length;
    }
  }
  return real->create_object(session, attributes, count, object);
}

ck::Rv destroy_object(ck::Session session, ck::Object object) {
  enter("destroy_object");
  if (failing("destroy_object")) return ck::rv::device_error;
  return real->destroy_object(session, object);
}

ck::Rv generate_key_pair(ck::Session session, ck::Mechanism* mechanism, ck::Attribute* public_half,
                         ck::Ulong public_count, ck::Attribute* private_half,
                         ck::Ulong private_count, ck::Object* public_key, ck::Object* private_key) {
  enter("generate_key_pair");
  if (failing("generate_key_pair")) return ck::rv::device_error;
  if (fault("cannot-generate")) return ck::rv::mechanism_invalid;
  for (ck::Ulong i = 0; i < private_count; ++i) {
    if (private_half[i].value == nullptr || private_half[i].length != 1) continue;
    auto* value = static_cast<ck::Byte*>(private_half[i].value);
    if (fault("not-sensitive") && private_half[i].type == ck::attribute::sensitive) *value = 0;
    if (fault("extractable") && private_half[i].type == ck::attribute::extractable) *value = 1;
  }
  const ck::Rv value =
      real->generate_key_pair(session, mechanism, public_half, public_count, private_half,
                              private_count, public_key, private_key);
  if (fault("half-a-pair") && value == ck::rv::ok) {
    (void)real->destroy_object(session, *private_key);
    return ck::rv::device_memory;
  }
  return value;
}

ck::Rv set_pin(ck::Session session, const ck::Byte* current, ck::Ulong current_length,
               const ck::Byte* next, ck::Ulong next_length);
ck::Rv init_pin(ck::Session session, const ck::Byte* pin, ck::Ulong length);

}  // namespace

extern "C" {

__attribute__((visibility("default"))) ck::Rv C_GetFunctionList(ck::FunctionList** list) {
  if (fault("function-list")) return ck::rv::device_error;
  const char* path = getenv("TOUCHSTONE_TEST_MODULE");
  void* library = path == nullptr ? nullptr : dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return ck::rv::device_error;
  const auto get =
      reinterpret_cast<ck::Rv (*)(ck::FunctionList**)>(dlsym(library, "C_GetFunctionList"));
  if (get == nullptr || get(&real) != ck::rv::ok) return ck::rv::device_error;
  ours = *real;
  ours.initialize = initialize;
  ours.finalize = finalize;
  ours.get_function_list = C_GetFunctionList;
  ours.get_slot_list = get_slot_list;
  ours.get_token_info = get_token_info;
  ours.login = login;
  ours.get_attribute_value = get_attribute_value;
  ours.find_objects = find_objects;
  ours.sign_init = sign_init;
  ours.sign = sign;
  ours.open_session = open_session;
  ours.create_object = create_object;
  ours.destroy_object = destroy_object;
  ours.generate_key_pair = generate_key_pair;
  ours.set_pin = set_pin;
  ours.init_pin = init_pin;
  *list = &ours;
  return ck::rv::ok;
}
}

namespace {

ck::Rv login(ck::Session session, ck::Ulong user, const ck::Byte* pin, ck::Ulong length) {
  enter("login");
  if (user <= ck::user::context_specific) ++control().logins[user];
  if (fault("login-removed")) return ck::rv::device_removed;
  if (fault("context-login") && user == ck::user::context_specific) return ck::rv::device_error;
  const ck::Ulong whose =
      user == ck::user::security_officer ? ck::user::security_officer : ck::user::normal;
  if (failing("login")) return ck::rv::device_error;
  if (tries_left(whose) == 0) return ck::rv::pin_locked;
  const ck::Rv value = counted(whose, real->login(session, user, pin, length));
  if (value == ck::rv::ok) {
    logged_in = true;
    officer = user == ck::user::security_officer;
  }
  return value;
}

ck::Rv set_pin(ck::Session session, const ck::Byte* current, ck::Ulong current_length,
               const ck::Byte* next, ck::Ulong next_length) {
  enter("set_pin");
  ++control().pin_changes;
  if (failing("set_pin")) return ck::rv::device_error;
  if (fault("weak-pin")) return ck::rv::pin_too_weak;
  const ck::Ulong whose = officer ? ck::user::security_officer : ck::user::normal;
  if (tries_left(whose) == 0) return ck::rv::pin_locked;
  return counted(whose, real->set_pin(session, current, current_length, next, next_length));
}

ck::Rv init_pin(ck::Session session, const ck::Byte* pin, ck::Ulong length) {
  enter("init_pin");
  ++control().pin_changes;
  if (failing("init_pin")) return ck::rv::device_error;
  const ck::Rv value = real->init_pin(session, pin, length);
  if (value == ck::rv::ok) set_tries_left(3);
  return value;
}

bool failing(std::string_view name) {
  const std::string_view wanted = told(control().fail, "TOUCHSTONE_TEST_FAIL");
  const std::size_t colon = wanted.find(':');
  if (colon == std::string_view::npos || wanted.substr(0, colon) != name) return false;
  const int calls = ++control().calls;
  const int from = atoi(std::string(wanted.substr(colon + 1)).c_str());
  const bool fails = calls == from || (calls > from && wanted.ends_with('+'));
  if (fails) ++control().failures;
  return fails;
}

}  // namespace
