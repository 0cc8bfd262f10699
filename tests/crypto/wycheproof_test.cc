// Wycheproof's signature vectors through crypto::PublicKey.
#include <catch2/catch.hpp>
#include <iostream>

#include "base/encoding.h"
#include "base/files.h"
#include "crypto/public_key.h"
#include "formats/json_fields.h"
#include "tests/support/vectors.h"

namespace touchstone::crypto {
namespace {

using formats::Fields;

constexpr std::uint64_t max_suite_bytes = 64 << 20;

enum class Expected {
  as_listed,   // valid verifies, invalid does not, acceptable does not
  none_count,  // the pair of key and hash is outside the closed table: nothing verifies
};

struct Suite {
  const char* file;
  Scheme scheme;
  bool raw;  // r||s instead of DER
  Expected expected;
};

// The hashes that the closed table does not pair with these curves are tried with the one it has
// nearest; nothing may verify.
const Suite suites[] = {
    {"ecdsa_secp256r1_sha256_test.json", Scheme::ecdsa_sha256, false, Expected::as_listed},
    {"ecdsa_secp256r1_sha256_p1363_test.json", Scheme::ecdsa_sha256, true, Expected::as_listed},
    {"ecdsa_secp256r1_sha512_p1363_test.json", Scheme::ecdsa_sha512, true, Expected::none_count},
    {"ecdsa_secp384r1_sha256_test.json", Scheme::ecdsa_sha256, false, Expected::as_listed},
    {"ecdsa_secp384r1_sha384_test.json", Scheme::ecdsa_sha384, false, Expected::as_listed},
    {"ecdsa_secp384r1_sha384_p1363_test.json", Scheme::ecdsa_sha384, true, Expected::as_listed},
    {"ecdsa_secp384r1_sha512_p1363_test.json", Scheme::ecdsa_sha512, true, Expected::none_count},
    {"ecdsa_secp521r1_sha512_test.json", Scheme::ecdsa_sha512, false, Expected::as_listed},
    {"ecdsa_secp521r1_sha512_p1363_test.json", Scheme::ecdsa_sha512, true, Expected::as_listed},
    {"ed25519_test.json", Scheme::ed25519, false, Expected::as_listed},
    {"rsa_signature_2048_sha256_test.json", Scheme::rsa_pkcs1_sha256, false, Expected::as_listed},
    {"rsa_signature_2048_sha384_test.json", Scheme::rsa_pkcs1_sha384, false, Expected::as_listed},
    {"rsa_signature_2048_sha512_test.json", Scheme::rsa_pkcs1_sha512, false, Expected::as_listed},
    {"rsa_signature_3072_sha256_test.json", Scheme::rsa_pkcs1_sha256, false, Expected::as_listed},
    {"rsa_signature_3072_sha384_test.json", Scheme::rsa_pkcs1_sha384, false, Expected::as_listed},
    {"rsa_signature_3072_sha512_test.json", Scheme::rsa_pkcs1_sha512, false, Expected::as_listed},
    {"rsa_signature_4096_sha256_test.json", Scheme::rsa_pkcs1_sha256, false, Expected::as_listed},
    {"rsa_signature_4096_sha384_test.json", Scheme::rsa_pkcs1_sha384, false, Expected::as_listed},
    {"rsa_signature_4096_sha512_test.json", Scheme::rsa_pkcs1_sha512, false, Expected::as_listed},
    {"rsa_pss_2048_sha256_mgf1_32_test.json", Scheme::rsa_pss_sha256, false, Expected::as_listed},
    {"rsa_pss_2048_sha384_mgf1_48_test.json", Scheme::rsa_pss_sha384, false, Expected::as_listed},
    {"rsa_pss_3072_sha256_mgf1_32_test.json", Scheme::rsa_pss_sha256, false, Expected::as_listed},
    {"rsa_pss_4096_sha384_mgf1_48_test.json", Scheme::rsa_pss_sha384, false, Expected::as_listed},
};

struct Count {
  std::size_t valid = 0;
  std::size_t refused = 0;
  std::size_t weak_keys = 0;
};

std::optional<PublicKey> key_of(const Fields& group, Count& count) {
  const char* member = group.has("publicKeyDer") ? "publicKeyDer" : "keyDer";
  const auto text = group.string(member);
  REQUIRE(text);
  const auto der = from_hex(*text);
  REQUIRE(der);
  auto key = PublicKey::from_der(*der);
  if (key) return *key;
  // The policy of the key loader is stricter than the suite: exponents below 65537, for one.
  CHECK(key.error().code == Code::policy_weak_key);
  ++count.weak_keys;
  return std::nullopt;
}

void run_test(const Suite& suite, const PublicKey& key, const Fields& test, Count& count) {
  const Bytes message = from_hex(*test.string("msg")).value();
  Bytes signature = from_hex(*test.string("sig")).value();
  bool well_formed = true;
  if (suite.raw) {
    const std::size_t width = static_cast<std::size_t>((key.bits() + 7) / 8) * 2;
    const auto der = signature.size() == width ? ecdsa_der_from_raw(signature) : std::nullopt;
    well_formed = der.has_value();
    if (der) signature = *der;
  }
  const bool good = well_formed && key.verify(suite.scheme, message, signature);
  const bool wanted = suite.expected == Expected::as_listed && *test.string("result") == "valid";
  CAPTURE(suite.file, *test.unsigned_integer("tcId"));
  CHECK(good == wanted);
  ++(good ? count.valid : count.refused);
}

}  // namespace

TEST_CASE("Wycheproof's signatures verify exactly when they are valid", "[crypto][vectors]") {
  const auto folder = test::vectors("wycheproof");
  if (!folder) {
    std::cout << "skipped: no Wycheproof vectors beside the project\n";
    return;
  }
  Count total;
  for (const Suite& suite : suites) {
    const auto bytes = read_file((*folder / suite.file).string(), max_suite_bytes);
    REQUIRE(bytes);
    const auto document = formats::parse_json(*bytes, max_suite_bytes);
    CAPTURE(suite.file);
    REQUIRE(document);
    const auto groups = Fields::of(*document)->objects_or_empty("testGroups", 10'000);
    REQUIRE(groups);
    Count count;
    for (const Fields& group : *groups) {
      const auto key = key_of(group, count);
      if (!key) continue;
      const auto tests = group.objects_or_empty("tests", 100'000);
      REQUIRE(tests);
      for (const Fields& test : *tests) run_test(suite, *key, test, count);
    }
    CHECK(count.refused > 0);
    CHECK((count.valid > 0) == (suite.expected == Expected::as_listed));
    total.valid += count.valid;
    total.refused += count.refused;
    total.weak_keys += count.weak_keys;
  }
  CHECK(total.valid + total.refused > 6000);
}

}  // namespace touchstone::crypto
