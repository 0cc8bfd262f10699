// Key files as cosign encrypts them, made with the package that cosign calls.
#include <catch2/catch.hpp>

#include "base/files.h"
#include "base/limits.h"
#include "hsm/key_file.h"
#include "tests/support/temporary_folder.h"

namespace touchstone::hsm {
namespace {

const std::string folder = std::string(TOUCHSTONE_SOURCE_DIR) + "/tests/vectors/cosign-keys/";

struct Row {
  const char *name;
  const char *passphrase;
};
const std::vector<Row> rows = {{"p256", "correct horse"}, {"ed25519-empty", ""}};

Bytes read(const std::string &name) {
  auto bytes = read_file(folder + name, limits::max_key_file_bytes);
  REQUIRE(bytes);
  return *bytes;
}

}  // namespace

TEST_CASE("cosign's key files open with their passphrase and sign", "[cosign_key]") {
  const Row row = GENERATE(from_range(rows));
  CAPTURE(row.name);
  const auto wanted = crypto::PublicKey::from_file(read(std::string(row.name) + ".pub"));
  REQUIRE(wanted);
  auto key = open_key_file(folder + row.name + ".key");
  REQUIRE(key);
  CHECK((*key)->describe().needs_pin);
  CHECK((*key)->describe().cosign_file);
  CHECK_FALSE((*key)->describe().hardware);
  CHECK((*key)->public_key().error().code == Code::device_pin_needed);
  REQUIRE((*key)->unlock(Secret(row.passphrase)));
  CHECK(*(*key)->public_key() == wanted->der());
  const Bytes message = to_bytes("message");
  const auto signature = (*key)->sign(wanted->signing_scheme(), message);
  REQUIRE(signature);
  CHECK(wanted->verify(wanted->signing_scheme(), message, *signature));
}

TEST_CASE("another passphrase opens no key file of cosign's", "[cosign_key]") {
  const Row row = GENERATE(from_range(rows));
  const char *passphrase = GENERATE("wrong", "correct horse ", "correct hors", "\n");
  auto key = open_key_file(folder + row.name + ".key");
  REQUIRE(key);
  const Status unlocked = (*key)->unlock(Secret(passphrase));
  REQUIRE_FALSE(unlocked);
  CHECK(unlocked.error().code == Code::device_pin_wrong);
}

TEST_CASE("a key file of cosign's that was changed does not open", "[cosign_key]") {
  const std::string text(as_text(read("p256.key")));
  const auto code = [](const std::string &pem) {
    const Secret passphrase("correct horse");
    const auto key = read_private_key(as_bytes(pem), &passphrase);
    REQUIRE_FALSE(key);
    return key.error().code;
  };
  const std::size_t body = text.find('\n') + 1;
  std::string flipped = text;
  char &last = flipped[flipped.find("\n-----END") - 6];  // within the ciphertext
  last = last == 'A' ? 'B' : 'A';
  CHECK((code(flipped) == Code::device_pin_wrong || code(flipped) == Code::format_key));
  std::string cut = text;
  cut.erase(body, 4);
  CHECK(code(cut) == Code::format_key);
  CHECK(read_private_key(as_bytes(text), nullptr).error().code == Code::device_pin_needed);
}

TEST_CASE("other key files are none of cosign's", "[cosign_key]") {
  const auto plain = crypto::PrivateKey::generate(crypto::KeyKind::p256);
  CHECK_FALSE(is_cosign_key(as_bytes(plain.pem())));
  CHECK_FALSE(is_encrypted_key(as_bytes(plain.pem())));
  CHECK(read_private_key(as_bytes(plain.pem()), nullptr));
  CHECK(is_encrypted_key(read("p256.key")));
  CHECK_FALSE(is_cosign_key(as_bytes("no key")));
}

}  // namespace touchstone::hsm
