// SoftHSM behind the module that misbehaves (pkcs11_wrapper/).
#pragma once

#include <dlfcn.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "hsm/cryptoki.h"
#include "tests/support/soft_token.h"

namespace touchstone::test {

// The module lies in a folder that nobody else can write, whatever the build folder is like.
class FaultyToken {
 public:
  FaultyToken() : module_(token_.folder() / "wrapper.so") {
    std::filesystem::copy_file(TOUCHSTONE_BINARY_DIR "/ts_pkcs11_wrapper.so", module_);
    setenv("TOUCHSTONE_TEST_MODULE", SoftToken::softhsm().c_str(), 1);
    token_.generate(TokenKeyKind::p256, "k", {1});
    handle_ = dlopen(module_.c_str(), RTLD_NOW | RTLD_LOCAL);
    REQUIRE(handle_ != nullptr);
    logins_ = counter("touchstone_test_logins");
    failures_ = counter("touchstone_test_failures");
    pin_changes_ = counter("touchstone_test_pin_changes");
  }
  ~FaultyToken() {
    for (const char* name :
         {"TOUCHSTONE_TEST_MODULE", "TOUCHSTONE_TEST_FAULT", "TOUCHSTONE_TEST_FAIL",
          "TOUCHSTONE_TEST_TRIES", "TOUCHSTONE_TEST_OFFICER_TRIES"}) {
      unsetenv(name);
    }
    dlclose(handle_);
  }
  FaultyToken(const FaultyToken&) = delete;
  FaultyToken& operator=(const FaultyToken&) = delete;

  void fault(const char* name) { setenv("TOUCHSTONE_TEST_FAULT", name, 1); }
  // "create_object:2": its second call from now on fails, with "+" all later ones too; "": none.
  void fail(const std::string& call) {
    *failures_ = 0;
    setenv("TOUCHSTONE_TEST_FAIL", call.c_str(), 1);
  }
  int failures() const { return *failures_; }
  void count_tries(const char* left) {
    setenv("TOUCHSTONE_TEST_TRIES", token_.folder().write("tries", left).c_str(), 1);
  }
  void count_officer_tries(const char* left) {
    setenv("TOUCHSTONE_TEST_OFFICER_TRIES", token_.folder().write("so-tries", left).c_str(), 1);
  }
  int logins(hsm::ck::Ulong user = hsm::ck::user::normal) const { return logins_[user]; }
  int pin_changes() const { return *pin_changes_; }
  std::string uri(std::string_view path = "token=rel;object=k") const {
    return token_.uri(path, module_);
  }
  SoftToken& token() { return token_; }
  const std::string& module() const { return module_; }

 private:
  int* counter(const char* name) {
    auto* found = static_cast<int*>(dlsym(handle_, name));
    REQUIRE(found != nullptr);
    return found;
  }

  SoftToken token_;
  std::string module_;
  void* handle_ = nullptr;
  int* logins_ = nullptr;
  int* failures_ = nullptr;
  int* pin_changes_ = nullptr;
};

}  // namespace touchstone::test
