// SoftHSM behind the module that misbehaves (pkcs11_wrapper/).
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "hsm/cryptoki.h"
#include "tests/support/pkcs11_wrapper/control.h"
#include "tests/support/soft_token.h"

namespace touchstone::test {

// The module lies in a folder that nobody else can write, whatever the build folder is like.
class FaultyToken {
 public:
  FaultyToken() : module_(token_.folder() / "wrapper.so") {
    std::filesystem::copy_file(TOUCHSTONE_BINARY_DIR "/ts_pkcs11_wrapper.so", module_);
    setenv("TOUCHSTONE_TEST_MODULE", SoftToken::softhsm().c_str(), 1);
    token_.generate(TokenKeyKind::p256, "k", {1});
    const std::string path = token_.folder().write("control", "");
    const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(ftruncate(fd, sizeof(WrapperControl)) == 0);
    void* shared = mmap(nullptr, sizeof(WrapperControl), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    REQUIRE(shared != MAP_FAILED);
    control_ = static_cast<WrapperControl*>(shared);
    setenv("TOUCHSTONE_TEST_CONTROL", path.c_str(), 1);
  }
  ~FaultyToken() {
    for (const char* name : {"TOUCHSTONE_TEST_MODULE", "TOUCHSTONE_TEST_CONTROL",
                             "TOUCHSTONE_TEST_TRIES", "TOUCHSTONE_TEST_OFFICER_TRIES"}) {
      unsetenv(name);
    }
    (void)munmap(control_, sizeof(WrapperControl));
  }
  FaultyToken(const FaultyToken&) = delete;
  FaultyToken& operator=(const FaultyToken&) = delete;

  void fault(const char* name) {
    (void)snprintf(control_->fault, sizeof control_->fault, "%s", name);
  }
  // "create_object:2": its second call from now on fails, with "+" all later ones too; "": none.
  void fail(const std::string& call) {
    control_->failures = 0;
    control_->calls = 0;
    (void)snprintf(control_->fail, sizeof control_->fail, "%s", call.c_str());
  }
  int failures() const { return control_->failures; }
  void count_tries(const char* left) {
    setenv("TOUCHSTONE_TEST_TRIES", token_.folder().write("tries", left).c_str(), 1);
  }
  void count_officer_tries(const char* left) {
    setenv("TOUCHSTONE_TEST_OFFICER_TRIES", token_.folder().write("so-tries", left).c_str(), 1);
  }
  int logins(hsm::ck::Ulong user = hsm::ck::user::normal) const { return control_->logins[user]; }
  int signatures() const { return control_->signatures; }
  int processes() const { return control_->processes; }
  int pin_changes() const { return control_->pin_changes; }
  std::string uri(std::string_view path = "token=rel;object=k") const {
    return token_.uri(path, module_);
  }
  SoftToken& token() { return token_; }
  const std::string& module() const { return module_; }

 private:
  SoftToken token_;
  std::string module_;
  WrapperControl* control_ = nullptr;
};

}  // namespace touchstone::test
