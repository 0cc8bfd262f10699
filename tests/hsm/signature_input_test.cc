// What tokens answer, and what is made of it.
#include "hsm/signature_input.h"

#include <catch2/catch.hpp>

#include "base/der.h"
#include "crypto/private_key.h"

namespace touchstone::hsm {
namespace {

using crypto::KeyKind;
using crypto::PrivateKey;

const Bytes message = to_bytes("what is signed");

// r and s as PKCS#11 has them, each as long as a coordinate.
Bytes raw_of(ByteView signature, std::size_t width) {
  Reader reader(signature);
  Reader inner(*der::expect(reader, der::sequence));
  Bytes raw;
  for (int i = 0; i < 2; ++i) {
    const ByteView number = *der::unsigned_integer(inner);
    raw.insert(raw.end(), width - number.size(), 0);
    raw.insert(raw.end(), number.begin(), number.end());
  }
  return raw;
}

}  // namespace

TEST_CASE("HW-09: a token's raw r and s become DER in its one form", "[signature-input]") {
  struct Row {
    KeyKind kind;
    Scheme scheme;
    std::size_t width;
  };
  for (const Row& row :
       {Row{KeyKind::p256, Scheme::ecdsa_sha256, 32}, Row{KeyKind::p384, Scheme::ecdsa_sha384, 48},
        Row{KeyKind::p521, Scheme::ecdsa_sha512, 66}}) {
    const auto key = PrivateKey::generate(row.kind);
    bool short_seen = false;
    bool long_seen = false;
    // Some have a number with a leading zero, some one with its highest bit set.
    for (int i = 0; i < 2000 && !(short_seen && long_seen); ++i) {
      const Bytes der = *key.sign(row.scheme, message);
      const Bytes raw = raw_of(der, row.width);
      short_seen = short_seen || raw[0] == 0 || raw[row.width] == 0;
      long_seen = long_seen || raw[0] >= 0x80 || row.kind == KeyKind::p521;
      const auto checked = checked_signature(key.public_key(), row.scheme, {message}, raw);
      REQUIRE(checked);
      CHECK(*checked == der);
    }
    CHECK(short_seen);
    CHECK(long_seen);
  }
}

TEST_CASE("HW-09: an answer in any other form is refused", "[signature-input]") {
  const auto key = PrivateKey::generate(KeyKind::p256);
  const Bytes der = *key.sign(Scheme::ecdsa_sha256, message);
  const Bytes raw = raw_of(der, 32);
  const auto changed = [&](auto change) {
    Bytes answer = raw;
    change(answer);
    return answer;
  };
  struct Row {
    const char* why;
    Bytes answer;
  };
  const std::vector<Row> rows = {
      {"nothing", {}},
      {"DER where r and s are due", der},
      {"a byte too few", changed([](Bytes& a) { a.pop_back(); })},
      {"a byte too many", changed([](Bytes& a) { a.push_back(0); })},
      {"half of it", changed([](Bytes& a) { a.resize(32); })},
      {"twice", changed([&](Bytes& a) { a.insert(a.end(), raw.begin(), raw.end()); })},
      {"r alone padded", changed([](Bytes& a) { a.insert(a.begin(), 2, 0); })},
      {"s first", changed([](Bytes& a) { std::rotate(a.begin(), a.begin() + 32, a.end()); })},
      {"zeros", Bytes(64, 0)},
      {"another signature", changed([](Bytes& a) { a[40] ^= 1; })},
      {"more than any curve has", Bytes(134, 1)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const auto checked =
        checked_signature(key.public_key(), Scheme::ecdsa_sha256, {message}, row.answer);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == Code::device_signature);
  }
}

TEST_CASE("HW-09: other kinds of signature are taken as they are, and checked",
          "[signature-input]") {
  struct Row {
    KeyKind kind;
    Scheme scheme;
  };
  for (const Row& row :
       {Row{KeyKind::rsa, Scheme::rsa_pkcs1_sha256}, Row{KeyKind::ed25519, Scheme::ed25519}}) {
    const auto key = PrivateKey::generate(row.kind);
    const Bytes signature = *key.sign(row.scheme, message);
    CHECK(*checked_signature(key.public_key(), row.scheme, {message}, signature) == signature);
    for (const bool longer : {false, true}) {
      Bytes answer = signature;
      longer ? answer.push_back(0) : answer.pop_back();
      const auto checked = checked_signature(key.public_key(), row.scheme, {message}, answer);
      REQUIRE_FALSE(checked);
      CHECK(checked.error().code == Code::device_signature);
    }
  }
}

}  // namespace touchstone::hsm
