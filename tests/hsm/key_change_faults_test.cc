// Each call of a module fails once, at each place: nothing is left half done, or what is left is
// said.
#include <catch2/catch.hpp>
#include <functional>

#include "base/text.h"
#include "crypto/certificate_builder.h"
#include "crypto/distinguished_name.h"
#include "hsm/keys.h"
#include "tests/support/faulty_token.h"
#include "tests/support/memory_device.h"

namespace touchstone::hsm {
namespace {

using crypto::KeyKind;
using test::FaultyToken;
using test::SoftToken;
using test::TokenKeyKind;

using Names = std::vector<std::string>;
using Action = std::function<Status(KeyManager&)>;

constexpr const char* calls[] = {
    "open_session",   "find_objects",      "get_attribute_value", "create_object",
    "destroy_object", "generate_key_pair", "sign_init",           "sign"};
constexpr int most_calls = 200;

// Runs the action with the n-th call of each function failing, until that is past its last call.
// `restore` puts the token back as it was. Gives how often something failed.
int fail_everywhere(FaultyToken& token, const std::string& uri, const Action& action,
                    const std::function<void()>& restore,
                    const std::function<void(const Error&)>& check) {
  int failed = 0;
  for (const char* call : calls) {
    for (int n = 1; n <= most_calls; ++n) {
      CAPTURE(call, n);
      bool any = false;
      {
        const auto manager = open_key_manager(uri);
        REQUIRE(manager);
        REQUIRE((*manager)->authorize(Secret(SoftToken::pin)));
        token.fail(std::string(call) + ":" + std::to_string(n));
        const Status status = action(**manager);
        any = token.failures() > 0;
        token.fail("");
        if (!status) {
          CAPTURE(status.error().message);
          REQUIRE(any);
          CHECK(code_info(status.error().code).exit_status == 4);
          check(status.error());
        }
      }
      restore();
      if (!any) break;
      ++failed;
      REQUIRE(n < most_calls);
    }
  }
  return failed;
}

Status dropped(Result<MadeKey> made) {
  if (made) return ok();
  return std::move(made).error();
}

Bytes certificate_for(const crypto::PrivateKey& key, const char* subject) {
  test::MemoryDevice device(key);
  const std::chrono::sys_seconds begin(std::chrono::seconds(1'700'000'000));
  return *crypto::build_certificate({.subject = *crypto::parse_distinguished_name(subject),
                                     .public_key = key.public_key(),
                                     .emails = {},
                                     .uris = {},
                                     .not_before = begin,
                                     .not_after = begin + std::chrono::hours(1)},
                                    nullptr, device);
}

}  // namespace

TEST_CASE("making a key fails at any call: no object is left", "[faults][key-manager]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  const Names before = token.token().inventory();
  const KeySpec spec = *parse_algorithm("p256");
  const auto key = crypto::PrivateKey::generate(KeyKind::p256);
  const std::string uri = token.uri("token=rel;object=new");
  const std::vector<Action> actions = {
      [&](KeyManager& manager) { return dropped(manager.generate(spec, Existing::refuse)); },
      [&](KeyManager& manager) { return dropped(manager.import_key(key, {}, Existing::refuse)); }};
  for (const Action& action : actions) {
    bool failed = false;
    const int failures = fail_everywhere(
        token, uri, action,
        [&] {
          // After a failure nothing is there; after success it is removed.
          const Names now = token.token().inventory();
          if (failed) CHECK(now == before);
          failed = false;
          if (now == before) return;
          const auto manager = open_key_manager(uri);
          REQUIRE(manager);
          REQUIRE((*manager)->authorize(Secret(SoftToken::pin)));
          REQUIRE((*manager)->remove());
        },
        [&](const Error& error) {
          failed = true;
          CHECK(error.code != Code::device_half_done);
        });
    CHECK(failures > 10);
  }
}

TEST_CASE("replacing a key fails at any call: one of the two is there and whole",
          "[faults][key-manager]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  const auto old_key = crypto::PrivateKey::generate(KeyKind::p256);
  const std::string uri = token.uri("token=rel;object=new");
  const Bytes old_id = {7};
  const auto restore = [&] {
    for (const char* path : {"token=rel;object=new;id=%07", "token=rel;object=new"}) {
      const auto manager = open_key_manager(token.uri(path));
      REQUIRE(manager);
      REQUIRE((*manager)->authorize(Secret(SoftToken::pin)));
      if (!(*manager)->holding()->things.empty()) REQUIRE((*manager)->remove());
    }
    const auto manager = open_key_manager(token.uri("token=rel;object=new;id=%07"));
    REQUIRE(manager);
    REQUIRE((*manager)->authorize(Secret(SoftToken::pin)));
    REQUIRE((*manager)->import_key(old_key, {}, Existing::refuse));
  };
  restore();
  const Names before = token.token().inventory();
  int half_done = 0;
  const int failures = fail_everywhere(
      token, uri,
      [&](KeyManager& manager) {
        return dropped(manager.generate(*parse_algorithm("p256"), Existing::replace));
      },
      restore,
      [&](const Error& error) {
        if (error.code != Code::device_half_done) return;
        ++half_done;
        CHECK(error.message.contains("of the old one are left: "));
        CHECK(error.message.contains("key \"new\" (id 07)"));
      });
  CHECK(failures > 10);
  CHECK(half_done == 2);  // the removal of each half of the old key
}

TEST_CASE("removing a key fails at any call: what is left is said", "[faults][key-manager]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  const auto key = crypto::PrivateKey::generate(KeyKind::p256);
  const std::string uri = token.uri("token=rel;object=new;id=%07");
  const auto restore = [&] {
    const auto manager = open_key_manager(uri);
    REQUIRE(manager);
    REQUIRE((*manager)->authorize(Secret(SoftToken::pin)));
    if (!(*manager)->holding()->things.empty()) REQUIRE((*manager)->remove());
    REQUIRE((*manager)->import_key(key, {}, Existing::refuse));
  };
  restore();
  int half_done = 0;
  const int failures = fail_everywhere(
      token, uri, [](KeyManager& manager) { return manager.remove(); }, restore,
      [&](const Error& error) {
        if (error.code != Code::device_half_done) return;
        ++half_done;
        CHECK(error.message.contains("left are: public key \"new\" (id 07)"));
      });
  CHECK(failures > 5);
  CHECK(half_done == 1);  // the private half is gone, the public one is not
}

TEST_CASE("storing a certificate fails at any call: the old one or the new one is there",
          "[faults][key-manager]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  const auto key = crypto::PrivateKey::generate(KeyKind::p256);
  const Bytes first = certificate_for(key, "CN=first");
  const Bytes second = certificate_for(key, "CN=second");
  const std::string uri = token.uri("token=rel;object=new;id=%07");
  const auto restore = [&] {
    const auto manager = open_key_manager(uri);
    REQUIRE(manager);
    REQUIRE((*manager)->authorize(Secret(SoftToken::pin)));
    const auto holding = (*manager)->holding();
    REQUIRE(holding);
    if (!holding->key) REQUIRE((*manager)->import_key(key, {}, Existing::refuse));
    if (holding->certificate) {
      CHECK((*holding->certificate == first || *holding->certificate == second));
    }
    REQUIRE((*manager)->store_certificate(first, Existing::replace));
  };
  restore();
  int half_done = 0;
  const int failures = fail_everywhere(
      token, uri,
      [&](KeyManager& manager) { return manager.store_certificate(second, Existing::replace); },
      restore, [&](const Error& error) { half_done += error.code == Code::device_half_done; });
  CHECK(failures > 5);
  CHECK(half_done == 1);  // the removal of the old one
}

TEST_CASE("what could not be undone is named", "[faults][key-manager]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  const auto manager = open_key_manager(token.uri("token=rel;object=new"));
  REQUIRE(manager);
  REQUIRE((*manager)->authorize(Secret(SoftToken::pin)));
  token.fault("wrong-signature");
  token.fail("destroy_object:1+");
  const auto made = (*manager)->generate(*parse_algorithm("p256"), Existing::refuse);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Code::device_half_done);
  CHECK(made.error().message.contains("private key \"new\""));
  CHECK(made.error().message.contains("public key \"new\""));
}

TEST_CASE("a token that does not make what it was told is found out", "[faults][key-manager]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  const Names before = token.token().inventory();
  struct Row {
    const char* fault;
    Code code;
  };
  for (const Row& row : std::vector<Row>{{"not-sensitive", Code::device_failed},
                                         {"extractable", Code::device_failed},
                                         {"half-a-pair", Code::device_failed},
                                         {"wrong-signature", Code::device_signature},
                                         {"cannot-generate", Code::device_unsupported}}) {
    CAPTURE(row.fault);
    {
      const auto manager = open_key_manager(token.uri("token=rel;object=new"));
      REQUIRE(manager);
      REQUIRE((*manager)->authorize(Secret(SoftToken::pin)));
      token.fault(row.fault);
      const auto made = (*manager)->generate(*parse_algorithm("p256"), Existing::refuse);
      token.fault("none");
      REQUIRE_FALSE(made);
      CHECK(made.error().code == row.code);
    }
    CHECK(token.token().inventory() == before);
  }
}

TEST_CASE("a token that changes the certificate it stores is found out", "[faults][key-manager]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  const auto key = crypto::PrivateKey::generate(KeyKind::p256);
  const auto manager = open_key_manager(token.uri("token=rel;object=new"));
  REQUIRE(manager);
  REQUIRE((*manager)->authorize(Secret(SoftToken::pin)));
  REQUIRE((*manager)->import_key(key, {}, Existing::refuse));
  token.fault("changes-certificate");
  const auto stored = (*manager)->store_certificate(certificate_for(key, "CN=a"), Existing::refuse);
  REQUIRE_FALSE(stored);
  CHECK(stored.error().code == Code::device_failed);
  CHECK((*manager)->holding()->things.size() == 2);
}

TEST_CASE("a token that cannot be written says so", "[faults][key-manager]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  token.fault("write-protected");
  const auto manager = open_key_manager(token.uri());
  REQUIRE_FALSE(manager);
  CHECK(manager.error().code == Code::device_unsupported);
}

TEST_CASE("a blocked PIN and another token in the slot get no PIN", "[faults][key-manager][pin]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  SECTION("blocked") {
    token.count_tries("0");
    const auto manager = open_key_manager(token.uri());
    REQUIRE(manager);
    CHECK((*manager)->place().tries == KeyDescription::Tries::locked);
    CHECK((*manager)->authorize(Secret(SoftToken::pin)).error().code == Code::device_pin_locked);
  }
  SECTION("another token") {
    const auto manager = open_key_manager(token.uri());
    REQUIRE(manager);
    token.fault("another-token");
    CHECK((*manager)->authorize(Secret(SoftToken::pin)).error().code == Code::device_removed);
  }
  CHECK(token.logins() == 0);
}

}  // namespace touchstone::hsm
