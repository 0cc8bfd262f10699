// Keys by name, and keys in files.
#include "hsm/keys.h"

#include <openssl/pem.h>

#include <catch2/catch.hpp>

#include "crypto/openssl.h"
#include "crypto/private_key.h"
#include "tests/support/emulated_readers.h"
#include "tests/support/temporary_folder.h"

namespace touchstone::hsm {

using test::TemporaryFolder;

namespace {

// PKCS#8 of the other type.
std::string encrypted(const std::string& pem, std::string passphrase) {
  const crypto::Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const crypto::Pkey key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  const crypto::Bio out(BIO_new(BIO_s_mem()));
  REQUIRE(PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_256_cbc(), passphrase.data(),
                                        static_cast<int>(passphrase.size()), nullptr,
                                        nullptr) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

TEST_CASE("a key file signs", "[key-file]") {
  const TemporaryFolder folder;
  const auto made = crypto::PrivateKey::generate(crypto::KeyKind::p256);
  const std::string path = folder.write("k.pem", made.pem());
  const Bytes message = to_bytes("hello");

  const auto key = open_key(path);

  REQUIRE(key);
  const KeyDescription& description = (*key)->describe();
  CHECK(description.name == path);
  CHECK_FALSE(description.hardware);
  CHECK_FALSE(description.needs_pin);
  CHECK(description.public_key == made.public_key().der());
  const auto signature = (*key)->sign(Scheme::ecdsa_sha256, message);
  REQUIRE(signature);
  CHECK(made.public_key().verify(Scheme::ecdsa_sha256, message, *signature));
  for (const Scheme scheme : {Scheme::rsa_pkcs1_sha256, Scheme::ecdsa_sha384, Scheme::ed25519}) {
    const auto other = (*key)->sign(scheme, message);
    REQUIRE_FALSE(other);
    CHECK(other.error().code == Code::device_algorithm);
  }
}

TEST_CASE("an encrypted key file wants its passphrase", "[key-file]") {
  const TemporaryFolder folder;
  const auto made = crypto::PrivateKey::generate(crypto::KeyKind::p256);
  const std::string path = folder.write("k.pem", encrypted(made.pem(), "open sesame"));
  const auto key = open_key(path);
  REQUIRE(key);
  CHECK((*key)->describe().needs_pin);
  CHECK((*key)->describe().public_key.empty());

  SECTION("not given") {
    const auto signature = (*key)->sign(Scheme::ecdsa_sha256, to_bytes("m"));
    REQUIRE_FALSE(signature);
    CHECK(signature.error().code == Code::device_pin_needed);
    CHECK((*key)->public_key().error().code == Code::device_pin_needed);
  }
  SECTION("wrong") {
    const auto unlocked = (*key)->unlock(Secret("open barley"));
    REQUIRE_FALSE(unlocked);
    CHECK(unlocked.error().code == Code::device_pin_wrong);
    CHECK_FALSE(unlocked.error().message.contains("barley"));
  }
  SECTION("right") {
    REQUIRE((*key)->unlock(Secret("open sesame")));
    CHECK_FALSE((*key)->describe().public_key.empty());
    CHECK((*key)->sign(Scheme::ecdsa_sha256, to_bytes("m")));
  }
}

TEST_CASE("open_key refuses names and files that are no keys", "[keys]") {
  const TemporaryFolder folder;
  struct Row {
    const char* why;
    std::string key;
    Code code;
  };
  const std::vector<Row> rows = {
      {"a card's slot that is none", "yubikey:9b", Code::usage_key_uri},
      {"a card's PIN", "piv:reader=R;pin=123456", Code::usage_pin_in_arguments},
      {"a public key's URI", "pkcs11:type=public?module-path=/x", Code::usage_key_uri},
      {"a certificate's URI", "pkcs11:type=cert?module-path=/x", Code::usage_key_uri},
      {"a PIN", "pkcs11:?pin-value=1", Code::usage_pin_in_arguments},
      {"no file", folder / "absent.pem", Code::usage_file},
      {"no key", folder.write("k.pem", "hello"), Code::device_key_file},
      {"an empty file", folder.write("e.pem", ""), Code::device_key_file},
      {"a huge file", folder.write("h.pem", std::string(100'000, 'a')), Code::limit_size},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const auto key = open_key(row.key);
    REQUIRE_FALSE(key);
    CHECK(key.error().code == row.code);
  }
}

TEST_CASE("the managers of a PIV card are had by its name", "[keys]") {
  const auto readers = std::make_shared<test::EmulatedReaders>();
  readers->add("R");
  KeyOptions options;
  options.readers = readers;
  const auto manager = open_key_manager("yubikey:9a", options);
  REQUIRE(manager);
  CHECK((*manager)->place().device == "YubiKey (serial 12345678)");
  CHECK((*manager)->needed_for(Change::make_key) == Credential::none);
  options.management_key_given = true;
  const auto given = open_key_manager("yubikey:9a", options);
  REQUIRE(given);
  CHECK((*given)->needed_for(Change::make_key) == Credential::management_key);
  const auto pins = open_pin_manager("yubikey:", options);
  REQUIRE(pins);
  CHECK((*pins)->state().device == "YubiKey (serial 12345678)");
  CHECK_FALSE(open_key_manager("yubikey:9b", options));
  CHECK_FALSE(open_pin_manager("yubikey:serial=5", options));
}

TEST_CASE("names_device tells devices from files", "[keys]") {
  CHECK(names_device("pkcs11:token=a"));
  CHECK(names_device("PKCS11:"));
  CHECK(names_device("yubikey:9c"));
  CHECK(names_device("piv:slot=9c"));
  CHECK_FALSE(names_device("key.pem"));
  CHECK_FALSE(names_device("./pkcs11:key"));
}

}  // namespace touchstone::hsm
