// Key files, made, replaced, certified and removed.
#include "hsm/key_file_manager.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/files.h"
#include "crypto/certificate_builder.h"
#include "crypto/distinguished_name.h"
#include "hsm/keys.h"
#include "tests/support/memory_device.h"
#include "tests/support/temporary_folder.h"

namespace touchstone::hsm {
namespace {

using crypto::KeyKind;
using test::TemporaryFolder;

constexpr std::string_view passphrase = "correct horse";

std::unique_ptr<KeyManager> manager_of(const std::string& path) {
  auto manager = open_key_manager(path);
  CAPTURE(manager ? "" : manager.error().message);
  REQUIRE(manager);
  return *std::move(manager);
}

std::unique_ptr<KeyManager> ready_manager_of(const std::string& path) {
  auto manager = manager_of(path);
  REQUIRE(manager->needed_for(Change::make_key) == Credential::new_passphrase);
  REQUIRE(manager->authorize(Secret(passphrase)));
  return manager;
}

unsigned mode_of(const std::string& path) {
  struct stat info{};
  REQUIRE(lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

std::string text_of(const std::string& path) {
  const auto bytes = read_file(path, 1 << 20);
  return bytes ? std::string(as_text(*bytes)) : "";
}

Bytes certificate_for(const crypto::PrivateKey& key) {
  test::MemoryDevice device(key);
  const std::chrono::sys_seconds begin(std::chrono::seconds(1'700'000'000));
  return *crypto::build_certificate({.subject = *crypto::parse_distinguished_name("CN=test"),
                                     .public_key = key.public_key(),
                                     .emails = {},
                                     .uris = {},
                                     .not_before = begin,
                                     .not_after = begin + std::chrono::hours(1)},
                                    nullptr, device);
}

const KeySpec p256 = *parse_algorithm("p256");

}  // namespace

TEST_CASE("a made key file is encrypted, private and signs", "[key-file]") {
  const TemporaryFolder folder;
  const std::string path = folder / "release.pem";
  const mode_t before = umask(0);
  const auto made = ready_manager_of(path)->generate(p256, Existing::refuse);
  umask(before);
  REQUIRE(made);
  CHECK(made->name == path);
  CHECK(mode_of(path) == 0600);
  CHECK(text_of(path).starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
  const auto key = open_key(path);
  REQUIRE(key);
  REQUIRE((*key)->unlock(Secret(passphrase)));
  CHECK((*key)->describe().public_key == made->public_key.der());
  CHECK((*key)->sign(Scheme::ecdsa_sha256, to_bytes("m")));
}

TEST_CASE("a file that is there is replaced only when told", "[key-file][LOC-09]") {
  const TemporaryFolder folder;
  const auto old_key = crypto::PrivateKey::generate(KeyKind::p256);
  const std::string path = folder.write("k.pem", old_key.pem());
  folder.write("k.pem.crt", "old");
  auto manager = ready_manager_of(path);
  CHECK(manager->holding()->things ==
        std::vector<std::string>{"key file \"" + path + "\"",
                                 "certificate file \"" + path + ".crt\""});
  CHECK(manager->holding()->public_key == old_key.public_key());

  CHECK(manager->generate(p256, Existing::refuse).error().code == Code::device_key_exists);
  CHECK(text_of(path) == old_key.pem());
  REQUIRE(manager->generate(p256, Existing::replace));
  CHECK(mode_of(path) == 0600);
  CHECK(text_of(path).starts_with("-----BEGIN ENCRYPTED"));
  CHECK(access((path + ".crt").c_str(), F_OK) != 0);
}

TEST_CASE("a link is not followed to where the key would go", "[key-file][LOC-09]") {
  const TemporaryFolder folder;
  const std::string path = folder / "k.pem";
  auto manager = ready_manager_of(path);
  REQUIRE(symlink((folder / "elsewhere").c_str(), path.c_str()) == 0);
  const auto made = manager->generate(p256, Existing::refuse);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Code::device_key_exists);
  CHECK(access((folder / "elsewhere").c_str(), F_OK) != 0);
}

TEST_CASE("what is no key file is neither replaced nor removed", "[key-file]") {
  const TemporaryFolder folder;
  const auto key = crypto::PrivateKey::generate(KeyKind::p256);
  const std::string other = folder.write("passwords", "hello");
  const std::string half = folder.write("k.pub", key.public_key().pem());
  for (const std::string& path : {other, half}) {
    const auto manager = open_key_manager(path);
    REQUIRE_FALSE(manager);
    CHECK(manager.error().code == Code::device_key_file);
  }
  CHECK(text_of(other) == "hello");
  const auto folder_itself = open_key_manager(folder.path().string());
  REQUIRE_FALSE(folder_itself);
  CHECK(folder_itself.error().code == Code::usage_file);
  const auto nowhere = ready_manager_of(folder / "no/such/k.pem");
  CHECK(nowhere->generate(p256, Existing::refuse).error().code == Code::usage_file);
}

TEST_CASE("a key file without a passphrase is not made", "[key-file]") {
  const TemporaryFolder folder;
  auto manager = manager_of(folder / "k.pem");
  REQUIRE(manager->authorize(Secret("")));
  CHECK(manager->generate(p256, Existing::refuse).error().code == Code::device_pin_needed);
  CHECK(access((folder / "k.pem").c_str(), F_OK) != 0);
}

TEST_CASE("a key file promises no policies", "[key-file]") {
  const TemporaryFolder folder;
  auto manager = ready_manager_of(folder / "k.pem");
  for (const KeyPolicies& policies :
       {KeyPolicies{.touch = TouchPolicy::always}, KeyPolicies{.touch = TouchPolicy::cached},
        KeyPolicies{.pin = PinPolicy::always}, KeyPolicies{.pin = PinPolicy::never}}) {
    KeySpec spec = p256;
    spec.policies = policies;
    CHECK(manager->generate(spec, Existing::refuse).error().code == Code::device_unsupported);
  }
  CHECK(access((folder / "k.pem").c_str(), F_OK) != 0);
}

TEST_CASE("an imported key is the same key, encrypted", "[key-file]") {
  const TemporaryFolder folder;
  const auto key = crypto::PrivateKey::generate(KeyKind::rsa);
  const std::string path = folder / "k.pem";
  REQUIRE(ready_manager_of(path)->import_key(key, {}, Existing::refuse));
  const Secret right(passphrase);
  const auto read = crypto::PrivateKey::from_pem(as_bytes(text_of(path)), &right);
  REQUIRE(read);
  CHECK(read->pem() == key.pem());
}

TEST_CASE("a certificate lies beside the key file that it is for", "[key-file][XP-09]") {
  const TemporaryFolder folder;
  const auto key = crypto::PrivateKey::generate(KeyKind::p256);
  const auto other = crypto::PrivateKey::generate(KeyKind::p256);
  const std::string path = folder / "k.pem";
  CHECK(manager_of(path)->store_certificate(certificate_for(key), Existing::refuse).error().code ==
        Code::device_key_not_found);
  REQUIRE(ready_manager_of(path)->import_key(key, {}, Existing::refuse));

  auto manager = manager_of(path);
  REQUIRE(manager->needed_for(Change::certificate) == Credential::pin);
  REQUIRE(manager->authorize(Secret("wrong")));
  CHECK(manager->store_certificate(certificate_for(key), Existing::refuse).error().code ==
        Code::device_pin_wrong);
  REQUIRE(manager->authorize(Secret(passphrase)));
  for (const Existing existing : {Existing::refuse, Existing::replace}) {
    CHECK(manager->store_certificate(certificate_for(other), existing).error().code ==
          Code::device_certificate);
  }
  const Bytes certificate = certificate_for(key);
  REQUIRE(manager->store_certificate(certificate, Existing::refuse));
  CHECK(manager->holding()->certificate == certificate);
  CHECK(manager->store_certificate(certificate_for(key), Existing::refuse).error().code ==
        Code::device_key_exists);
  REQUIRE(manager->store_certificate(certificate_for(key), Existing::replace));
  REQUIRE(crypto::CertificateFields::from_file(as_bytes(text_of(path + ".crt"))));

  REQUIRE(manager->remove());
  CHECK(access(path.c_str(), F_OK) != 0);
  CHECK(access((path + ".crt").c_str(), F_OK) != 0);
  CHECK(manager->remove().error().code == Code::device_key_not_found);
}

TEST_CASE("a passphrase is changed by who knows it", "[key-file][pins]") {
  const TemporaryFolder folder;
  const std::string path = folder / "k.pem";
  const auto made = ready_manager_of(path)->generate(p256, Existing::refuse);
  REQUIRE(made);
  const std::string before = text_of(path);
  const auto pins = open_pin_manager(path);
  REQUIRE(pins);
  CHECK((*pins)->state().pin_noun == "passphrase");
  CHECK_FALSE((*pins)->state().has_puk);
  const Secret next("battery staple");
  CHECK((*pins)->change_pin(Secret("wrong"), next).error().code == Code::device_pin_wrong);
  CHECK((*pins)->change_pin(Secret(passphrase), Secret()).error().code == Code::device_pin_unfit);
  CHECK((*pins)->unblock_pin(Secret(passphrase), next).error().code == Code::device_unsupported);
  CHECK((*pins)->change_puk(Secret(passphrase), next).error().code == Code::device_unsupported);
  CHECK((*pins)->change_management_key(Secret("0"), next).error().code == Code::device_unsupported);
  CHECK(text_of(path) == before);
  REQUIRE((*pins)->change_pin(Secret(passphrase), next));
  CHECK(mode_of(path) == 0600);
  const auto key = open_key(path);
  REQUIRE(key);
  REQUIRE((*key)->unlock(Secret("battery staple")));
  CHECK((*key)->describe().public_key == made->public_key.der());

  const std::string plain =
      folder.write("plain.pem", crypto::PrivateKey::generate(KeyKind::p256).pem());
  CHECK(open_pin_manager(plain).error().code == Code::device_unsupported);
  // Written by us, cosign could no longer read it.
  const std::string cosign = TOUCHSTONE_SOURCE_DIR "/tests/vectors/cosign-keys/p256.key";
  CHECK(open_pin_manager(cosign).error().code == Code::device_unsupported);
}

}  // namespace touchstone::hsm
