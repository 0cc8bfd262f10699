// Keys and certificates made, replaced and removed on a SoftHSM token.
#include "hsm/pkcs11_manager.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "crypto/certificate_builder.h"
#include "crypto/distinguished_name.h"
#include "hsm/keys.h"
#include "tests/support/memory_device.h"
#include "tests/support/soft_token.h"

namespace touchstone::hsm {
namespace {

using crypto::KeyKind;
using test::SoftToken;
using test::TokenKeyKind;

constexpr const char* k = "token=rel;object=k";
const Bytes message = to_bytes("what is signed");

// Open, with the PIN presented.
std::unique_ptr<KeyManager> manager_of(const std::string& uri) {
  auto manager = open_key_manager(uri);
  CAPTURE(manager ? "" : manager.error().message);
  REQUIRE(manager);
  REQUIRE((*manager)->needed_for(Change::make_key) == Credential::pin);
  REQUIRE((*manager)->authorize(Secret(SoftToken::pin)));
  return *std::move(manager);
}

void sign_and_verify(const std::string& name, const crypto::PublicKey& public_key) {
  auto key = open_key(name);
  CAPTURE(key ? "" : key.error().message);
  REQUIRE(key);
  REQUIRE((*key)->unlock(Secret(SoftToken::pin)));
  const auto signature = (*key)->sign(public_key.signing_scheme(), message);
  CAPTURE(signature ? "" : signature.error().message);
  REQUIRE(signature);
  CHECK(public_key.verify(public_key.signing_scheme(), message, *signature));
}

KeySpec spec_of(const char* algorithm) { return *parse_algorithm(algorithm); }

Bytes self_signed(const crypto::PrivateKey& key, const char* subject = "CN=test") {
  test::MemoryDevice device(key);
  const std::chrono::sys_seconds begin(std::chrono::seconds(1'700'000'000));
  const auto der = crypto::build_certificate({.subject = *crypto::parse_distinguished_name(subject),
                                              .public_key = key.public_key(),
                                              .emails = {},
                                              .uris = {},
                                              .not_before = begin,
                                              .not_after = begin + std::chrono::hours(1)},
                                             nullptr, device);
  REQUIRE(der);
  return *der;
}

}  // namespace

TEST_CASE("each algorithm is made on a token and signs", "[key-manager]") {
  if (!SoftToken::available()) return;
  struct Row {
    const char* algorithm;
    const char* kind;
  };
  const auto row = GENERATE(values<Row>({{"p256", "ECDSA P-256"},
                                         {"p384", "ECDSA P-384"},
                                         {"p521", "ECDSA P-521"},
                                         {"rsa2048", "RSA-2048"},
                                         {"rsa3072", "RSA-3072"},
                                         {"ed25519", "Ed25519"}}));
  CAPTURE(row.algorithm);
  const test::SoftHsmLeaksHere leaks;
  const SoftToken token;
  auto manager = manager_of(token.uri(k));

  const auto made = manager->generate(spec_of(row.algorithm), Existing::refuse);

  CAPTURE(made ? "" : made.error().message);
  REQUIRE(made);
  CHECK(made->public_key.kind_name() == row.kind);
  manager.reset();
  sign_and_verify(made->name, made->public_key);
  const auto names = token.inventory();
  REQUIRE(names.size() == 2);
  CHECK(names[0].starts_with("private k "));
  CHECK(names[1] == "public" + names[0].substr(7));
}

TEST_CASE("a made key is on the token for good, hidden, and as the URI says", "[key-manager]") {
  if (!SoftToken::available()) return;
  const SoftToken token;
  auto manager = manager_of(token.uri("token=rel;object=a%3Bb;id=%0A%FF"));
  REQUIRE(manager->generate(spec_of("p256"), Existing::refuse));
  manager.reset();
  CHECK(token.inventory() == std::vector<std::string>{"private a;b 0aff", "public a;b 0aff"});
  const auto key = open_key(token.uri("token=rel;id=%0A%FF"));
  REQUIRE(key);
  CHECK((*key)->describe().needs_pin);
  CHECK_FALSE((*key)->describe().pin_for_each_signature);
}

TEST_CASE("a key may want the PIN for each signature", "[key-manager]") {
  if (!SoftToken::available()) return;
  const SoftToken token;
  auto manager = manager_of(token.uri(k));
  KeySpec spec = spec_of("p256");
  spec.policies.pin = PinPolicy::always;
  const auto made = manager->generate(spec, Existing::refuse);
  REQUIRE(made);
  manager.reset();
  const auto key = open_key(made->name);
  REQUIRE(key);
  REQUIRE((*key)->unlock(Secret(SoftToken::pin)));
  CHECK((*key)->describe().pin_for_each_signature);
  CHECK((*key)->sign(Scheme::ecdsa_sha256, message));
}

TEST_CASE("what a token cannot promise is refused before anything is made", "[key-manager]") {
  if (!SoftToken::available()) return;
  const SoftToken token;
  auto manager = manager_of(token.uri(k));
  struct Row {
    const char* why;
    KeyPolicies policies;
  };
  for (const Row& row : std::vector<Row>{
           {"a touch each time", {.touch = TouchPolicy::always}},
           {"a touch now and then", {.touch = TouchPolicy::cached}},
           {"no PIN", {.pin = PinPolicy::never}},
       }) {
    CAPTURE(row.why);
    KeySpec spec = spec_of("p256");
    spec.policies = row.policies;
    const auto made = manager->generate(spec, Existing::refuse);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Code::device_unsupported);
    CHECK_FALSE(made.error().hint.empty());
    const auto imported = manager->import_key(crypto::PrivateKey::generate(KeyKind::p256),
                                              row.policies, Existing::refuse);
    REQUIRE_FALSE(imported);
    CHECK(imported.error().code == Code::device_unsupported);
  }
  manager.reset();
  CHECK(token.inventory().empty());
}

TEST_CASE("without the PIN nothing is changed", "[key-manager][pin]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "k", {1});
  const auto opened = open_key_manager(token.uri(k));
  REQUIRE(opened);
  KeyManager& manager = **opened;
  const auto key = crypto::PrivateKey::generate(KeyKind::p256);
  CHECK(manager.generate(spec_of("p256"), Existing::replace).error().code ==
        Code::device_pin_needed);
  CHECK(manager.import_key(key, {}, Existing::replace).error().code == Code::device_pin_needed);
  CHECK(manager.remove().error().code == Code::device_pin_needed);
  CHECK(manager.store_certificate(self_signed(key), Existing::replace).error().code ==
        Code::device_pin_needed);

  const auto wrong = manager.authorize(Secret("97531864"));
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Code::device_pin_wrong);
  CHECK(manager.authorize(Secret("")).error().code == Code::device_pin_needed);
  CHECK(manager.remove().error().code == Code::device_pin_needed);
}

TEST_CASE("a key that exists is replaced only when told, with all that belongs to it",
          "[key-manager]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "k", {1});
  token.generate(TokenKeyKind::p256, "other", {2});
  token.add_certificate(Bytes{0x30, 0x00}, "k", {1});
  token.add_certificate(Bytes{0x30, 0x00}, "other", {2});
  const auto before = token.inventory();
  auto manager = manager_of(token.uri(k));

  const auto refused = manager->generate(spec_of("p384"), Existing::refuse);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::device_key_exists);
  const auto holding = manager->holding();
  REQUIRE(holding);
  CHECK(holding->key);
  CHECK(holding->public_key);
  CHECK(holding->things == std::vector<std::string>{"private key \"k\" (id 01)",
                                                    "public key \"k\" (id 01)",
                                                    "certificate \"k\" (id 01)"});
  const auto made = manager->generate(spec_of("p384"), Existing::replace);
  REQUIRE(made);
  manager.reset();

  const auto names = token.inventory();
  CHECK(names.size() == 5);
  CHECK(std::ranges::count_if(names, [](const auto& name) { return name.contains(" k "); }) == 2);
  CHECK(std::ranges::none_of(names, [](const auto& name) { return name.ends_with(" k 01"); }));
  CHECK(std::ranges::count_if(names, [](const auto& name) { return name.ends_with("r 02"); }) == 3);
  sign_and_verify(made->name, made->public_key);
}

TEST_CASE("a label or id of another key is not given twice", "[key-manager][HW-15]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "k", {1});
  const auto before = token.inventory();
  struct Row {
    const char* why;
    const char* path;
    Code code;
  };
  for (const Row& row : std::vector<Row>{
           {"its label, another id", "token=rel;object=k;id=%05", Code::device_key_exists},
           {"its id, another label", "token=rel;object=new;id=%01", Code::device_key_exists},
           {"no label", "token=rel;id=%07", Code::usage_key_uri},
           {"nothing", "token=rel", Code::usage_key_uri},
       }) {
    CAPTURE(row.why);
    auto manager = manager_of(token.uri(row.path));
    for (const Existing existing : {Existing::refuse, Existing::replace}) {
      const auto made = manager->generate(spec_of("p256"), existing);
      REQUIRE_FALSE(made);
      CHECK(made.error().code == row.code);
    }
  }
  CHECK(token.inventory() == before);
}

TEST_CASE("a key made elsewhere is imported and signs", "[key-manager]") {
  if (!SoftToken::available()) return;
  struct Row {
    KeyKind kind;
    int bits;
  };
  const auto row = GENERATE(values<Row>({{KeyKind::p256, 0},
                                         {KeyKind::p384, 0},
                                         {KeyKind::p521, 0},
                                         {KeyKind::rsa, 2048},
                                         {KeyKind::rsa, 3072},
                                         {KeyKind::ed25519, 0}}));
  CAPTURE(static_cast<int>(row.kind), row.bits);
  const test::SoftHsmLeaksHere leaks;
  const SoftToken token;
  const auto key = crypto::PrivateKey::generate(row.kind, row.bits == 0 ? 2048 : row.bits);
  auto manager = manager_of(token.uri(k));

  const auto made = manager->import_key(key, {}, Existing::refuse);

  CAPTURE(made ? "" : made.error().message);
  REQUIRE(made);
  CHECK(made->public_key == key.public_key());
  CHECK(manager->import_key(key, {}, Existing::refuse).error().code == Code::device_key_exists);
  manager.reset();
  sign_and_verify(made->name, key.public_key());
}

TEST_CASE("removing a key removes all of it and nothing else", "[key-manager]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "k", {1});
  token.generate(TokenKeyKind::p256, "other", {2});
  token.add_certificate(Bytes{0x30, 0x00}, "of k", {1});
  auto manager = manager_of(token.uri(k));
  REQUIRE(manager->remove());
  const auto again = manager->remove();
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Code::device_key_not_found);
  manager.reset();
  CHECK(token.inventory() == std::vector<std::string>{"private other 02", "public other 02"});
}

TEST_CASE("what could be several keys is not removed", "[key-manager][HW-15]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "k", {1});
  token.generate(TokenKeyKind::p256, "twin", {1});
  token.generate(TokenKeyKind::p256, "other", {2});
  const auto before = token.inventory();
  for (const char* path : {k, "token=rel;id=%01", "token=rel"}) {
    CAPTURE(path);
    auto manager = manager_of(token.uri(path));
    CHECK(manager->remove().error().code == Code::device_ambiguous);
    CHECK(manager->holding().error().code == Code::device_ambiguous);
  }
  CHECK(token.inventory() == before);
}

TEST_CASE("a certificate is stored only beside the key that it is for", "[key-manager][XP-09]") {
  if (!SoftToken::available()) return;
  const SoftToken token;
  const auto key = crypto::PrivateKey::generate(KeyKind::p256);
  const auto other = crypto::PrivateKey::generate(KeyKind::p256);
  auto manager = manager_of(token.uri(k));
  CHECK(manager->store_certificate(self_signed(key), Existing::refuse).error().code ==
        Code::device_key_not_found);
  REQUIRE(manager->import_key(key, {}, Existing::refuse));

  for (const Existing existing : {Existing::refuse, Existing::replace}) {
    CHECK(manager->store_certificate(self_signed(other), existing).error().code ==
          Code::device_certificate);
    CHECK(manager->store_certificate(Bytes{0x30, 0x00}, existing).error().code ==
          Code::device_certificate);
  }
  CHECK_FALSE(manager->holding()->certificate);
  const Bytes first = self_signed(key);
  REQUIRE(manager->store_certificate(first, Existing::refuse));
  CHECK(manager->holding()->certificate == first);
  REQUIRE(manager->store_certificate(first, Existing::refuse));  // it is there: nothing to do
  const Bytes second = self_signed(key, "CN=renewed");
  CHECK(manager->store_certificate(second, Existing::refuse).error().code ==
        Code::device_key_exists);
  REQUIRE(manager->store_certificate(second, Existing::replace));
  CHECK(manager->holding()->certificate == second);
  CHECK(manager->holding()->things.size() == 3);

  // Lists show it, without a PIN.
  manager.reset();
  const auto listed = list_keys(token.uri(k));
  REQUIRE(listed);
  REQUIRE(listed->keys.size() == 1);
  CHECK(listed->keys.front().certificate == second);
}

TEST_CASE("without a PIN a manager sees what the token shows", "[key-manager]") {
  if (!SoftToken::available()) return;
  SoftToken token;
  token.generate(TokenKeyKind::p256, "k", {1});
  const auto manager = open_key_manager(token.uri(k) + "&pin-source=/run/pin");
  REQUIRE(manager);
  CHECK((*manager)->place().pin_source == "/run/pin");
  CHECK((*manager)->place().hardware);
  const auto holding = (*manager)->holding();
  REQUIRE(holding);
  CHECK(holding->things == std::vector<std::string>{"public key \"k\" (id 01)"});
  const auto absent = open_key_manager(token.uri("token=rel;object=absent"));
  REQUIRE(absent);
  CHECK((*absent)->holding()->things.empty());
}

}  // namespace touchstone::hsm
