// PKCS#11 modules that misbehave: noise, faults, absurd answers, blocked PINs.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>

#include "base/files.h"
#include "hsm/cryptoki.h"
#include "hsm/keys.h"
#include "hsm/stdout_guard.h"
#include "tests/support/faulty_token.h"
#include "tests/support/soft_token.h"

namespace touchstone::hsm {
namespace {

using test::FaultyToken;
using test::SoftToken;
using test::TokenKeyKind;
using Tries = KeyDescription::Tries;

const Bytes message = to_bytes("what is signed");
// Standard output as a file, for the time of one call.
class CapturedOutput {
 public:
  explicit CapturedOutput(const std::string& path) : path_(path) {
    (void)fflush(stdout);
    saved_ = dup(STDOUT_FILENO);
    const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    dup2(file.get(), STDOUT_FILENO);
  }
  ~CapturedOutput() { restore(); }
  CapturedOutput(const CapturedOutput&) = delete;
  CapturedOutput& operator=(const CapturedOutput&) = delete;

  std::string text() {
    restore();
    const auto bytes = read_file(path_, 1 << 20);
    return bytes ? std::string(as_text(*bytes)) : "unreadable";
  }

 private:
  void restore() {
    if (saved_ < 0) return;
    (void)fflush(stdout);
    dup2(saved_, STDOUT_FILENO);
    close(saved_);
    saved_ = -1;
  }
  std::string path_;
  int saved_ = -1;
};

}  // namespace

TEST_CASE("what a module prints does not reach standard output", "[faults][XP-08]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  token.fault("noise");

  CapturedOutput output(token.token().folder() / "out");
  (void)fputs("before\n", stdout);
  {
    auto key = open_key(token.uri());
    (void)fputs("opened\n", stdout);
    if (key && (*key)->unlock(Secret(SoftToken::pin))) {
      (void)fputs("unlocked\n", stdout);
      if ((*key)->sign(Scheme::ecdsa_sha256, message)) (void)fputs("signed\n", stdout);
    }
  }
  (void)fputs("closed\n", stdout);
  if (list_keys(token.uri())) (void)fputs("listed\n", stdout);
  if (read_public_key(token.uri())) (void)fputs("read\n", stdout);

  CHECK(output.text() == "before\nopened\nunlocked\nsigned\nclosed\nlisted\nread\n");
}

TEST_CASE("a closed standard output stays closed", "[faults]") {
  const int saved = dup(STDOUT_FILENO);
  (void)fflush(stdout);
  close(STDOUT_FILENO);
  {
    const StdoutGuard guard;
  }
  const bool closed = fcntl(STDOUT_FILENO, F_GETFD) < 0;
  dup2(saved, STDOUT_FILENO);
  close(saved);
  CHECK(closed);
}

TEST_CASE("failures while signing keep their meaning, and nothing is signed", "[faults]") {
  if (!SoftToken::available()) return;
  struct Row {
    const char* fault;
    Code code;
  };
  const std::vector<Row> rows = {
      {"sign-removed", Code::device_removed},      {"sign-token-gone", Code::device_removed},
      {"sign-error", Code::device_failed},         {"sign-buffer", Code::device_failed},
      {"sign-unknown", Code::device_failed},       {"mechanism-invalid", Code::device_algorithm},
      {"wrong-signature", Code::device_signature}, {"odd-signature", Code::device_signature},
      {"empty-signature", Code::device_signature}, {"long-signature", Code::device_module},
  };
  FaultyToken token;
  for (const Row& row : rows) {
    CAPTURE(row.fault);
    const auto key = open_key(token.uri());
    REQUIRE(key);
    REQUIRE((*key)->unlock(Secret(SoftToken::pin)));
    token.fault(row.fault);
    const auto begun = std::chrono::steady_clock::now();
    const auto signature = (*key)->sign(Scheme::ecdsa_sha256, message);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
    token.fault("none");
    REQUIRE_FALSE(signature);
    CHECK(signature.error().code == row.code);
    CHECK_FALSE(signature.error().message.contains(SoftToken::pin));
  }
}

TEST_CASE("a module that does not start is refused", "[faults]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  for (const char* name : {"function-list", "initialize"}) {
    CAPTURE(name);
    token.fault(name);
    const auto key = open_key(token.uri());
    REQUIRE_FALSE(key);
    CHECK(key.error().code == Code::device_module);
  }
}

TEST_CASE("absurd counts and lengths are refused", "[faults][HW-13]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  for (const char* name :
       {"slot-count", "long-attribute", "growing-attribute", "find-too-many", "endless-objects"}) {
    CAPTURE(name);
    token.fault(name);
    const auto key = open_key(token.uri());
    REQUIRE_FALSE(key);
    CHECK(key.error().code == Code::device_module);
  }
}

TEST_CASE("each PIN is presented once, until the token blocks", "[faults][pin]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  token.count_tries("3");
  struct Row {
    Tries before;
    Tries after;
    const char* words;
  };
  int presented = 0;
  for (const Row& row : std::vector<Row>{{Tries::normal, Tries::low, "few tries are left"},
                                         {Tries::low, Tries::last, "one try is left"},
                                         {Tries::last, Tries::locked, "it is blocked now"}}) {
    CAPTURE(row.words);
    const auto key = open_key(token.uri());
    REQUIRE(key);
    CHECK((*key)->describe().tries == row.before);
    const auto unlocked = (*key)->unlock(Secret("13572468"));
    REQUIRE_FALSE(unlocked);
    CHECK(unlocked.error().code == Code::device_pin_wrong);
    CHECK(unlocked.error().message.contains(row.words));
    CHECK((*key)->describe().tries == row.after);
    CHECK(token.logins() == ++presented);
  }

  // Blocked: even the right PIN is not presented any more.
  const auto key = open_key(token.uri());
  REQUIRE(key);
  CHECK((*key)->describe().tries == Tries::locked);
  const auto unlocked = (*key)->unlock(Secret(SoftToken::pin));
  REQUIRE_FALSE(unlocked);
  CHECK(unlocked.error().code == Code::device_pin_locked);
  CHECK(token.logins() == presented);
}

TEST_CASE("a token pulled at login is not a wrong PIN", "[faults][pin]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  const auto key = open_key(token.uri());
  REQUIRE(key);
  token.fault("login-removed");
  const auto unlocked = (*key)->unlock(Secret(SoftToken::pin));
  REQUIRE_FALSE(unlocked);
  CHECK(unlocked.error().code == Code::device_removed);
  CHECK(token.logins() == 1);
}

TEST_CASE("the PIN for each signature is presented once for each", "[faults][pin]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  token.token().generate(TokenKeyKind::p256, "each", {2}, {.always_authenticate = true});
  std::string uri = token.uri();
  uri.replace(uri.find("object=k"), 8, "object=each");
  const auto key = open_key(uri);
  REQUIRE(key);
  REQUIRE((*key)->unlock(Secret(SoftToken::pin)));

  for (int i = 1; i <= 2; ++i) {
    REQUIRE((*key)->sign(Scheme::ecdsa_sha256, message));
    CHECK(token.logins(ck::user::context_specific) == i);
  }
  CHECK(token.logins() == 1);
  token.fault("context-login");
  const auto refused = (*key)->sign(Scheme::ecdsa_sha256, message);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::device_failed);
  CHECK(token.logins(ck::user::context_specific) == 3);
}

TEST_CASE("a failure while signing does not spoil the next signature", "[faults]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  token.token().generate(TokenKeyKind::p256, "each", {2}, {.always_authenticate = true});
  std::string each = token.uri();
  each.replace(each.find("object=k"), 8, "object=each");
  struct Row {
    const char* fault;
    std::string uri;
  };
  for (const Row& row : std::vector<Row>{{"sign-error", token.uri()}, {"context-login", each}}) {
    CAPTURE(row.fault);
    const auto key = open_key(row.uri);
    REQUIRE(key);
    REQUIRE((*key)->unlock(Secret(SoftToken::pin)));
    token.fault(row.fault);
    CHECK_FALSE((*key)->sign(Scheme::ecdsa_sha256, message));
    token.fault("none");
    CHECK((*key)->sign(Scheme::ecdsa_sha256, message));
  }
}

TEST_CASE("another token in the slot gets no PIN", "[faults][pin]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  const auto key = open_key(token.uri());
  REQUIRE(key);
  token.fault("another-token");
  const auto unlocked = (*key)->unlock(Secret(SoftToken::pin));
  REQUIRE_FALSE(unlocked);
  CHECK(unlocked.error().code == Code::device_removed);
  CHECK(token.logins() == 0);
}

TEST_CASE("a token that shows another key after login is refused", "[faults]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  token.token().generate(TokenKeyKind::p256, "other", {2});
  const auto key = open_key(token.uri());
  REQUIRE(key);
  token.fault("other-key-after-login");
  const auto unlocked = (*key)->unlock(Secret(SoftToken::pin));
  REQUIRE_FALSE(unlocked);
  CHECK(unlocked.error().code == Code::device_failed);
}

TEST_CASE("tokens alike in label and serial are told apart by slot", "[faults]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  token.token().add_token("rel");
  token.fault("twins");
  const auto key = open_key(token.uri());
  REQUIRE_FALSE(key);
  CHECK(key.error().code == Code::device_ambiguous);
  CHECK(key.error().message.contains("slot-id="));
}

TEST_CASE("listing and reading public keys present no PIN", "[faults][pin]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  REQUIRE(list_keys(token.uri()));
  REQUIRE(read_public_key(token.uri()));
  REQUIRE(open_key(token.uri()));
  CHECK(token.logins() == 0);
}

}  // namespace touchstone::hsm
