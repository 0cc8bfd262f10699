// Trusted roots: the one of the public-good instance, and what is none.
#include "formats/trusted_root.h"

#include <catch2/catch.hpp>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "trust/built_in.h"

namespace touchstone::formats {
namespace {

const std::string good(trust::sigstore_trusted_root);

std::string replaced(std::string_view from, std::string_view to) {
  std::string text = good;
  const std::size_t at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

std::string repeated(std::string_view item, std::size_t count) {
  std::string list(item);
  for (std::size_t i = 1; i < count; ++i) list += "," + std::string(item);
  return list;
}

Instant at(std::string_view text) { return *parse_rfc3339_instant(text); }

}  // namespace

TEST_CASE("the root that is built in is the public-good instance's", "[trusted_root]") {
  // trust/data/README.md.
  CHECK(crypto::digest_of(as_bytes(good)).hex() ==
        "6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66");
  const auto root = TrustedRoot::parse(as_bytes(good));
  REQUIRE(root);
  REQUIRE(root->logs.size() == 2);
  CHECK(to_base64(root->logs[0].id) == "wNI9atQGlz+VWfO6LRygH4QUfY/8W4RFwiT5i5WRgB0=");
  CHECK(root->logs[1].key.kind() == crypto::KeyKind::ed25519);
  CHECK(root->certificate_logs.size() == 2);
  REQUIRE(root->authorities.size() == 2);
  CHECK(root->authorities[1].chain.size() == 2);
  CHECK(root->authorities[1].identity() == "https://fulcio.sigstore.dev");
  REQUIRE(root->timestamp_authorities.size() == 1);
  CHECK_FALSE(root->timestamp_authorities[0].chain.front().is_authority());
}

TEST_CASE("a validity is closed, and keeps its fraction of a second", "[trusted_root]") {
  const auto root = TrustedRoot::parse(as_bytes(good));
  REQUIRE(root);
  const Validity& validity = root->authorities[0].validity;  // ends at 59.999
  CHECK(validity.contains(at("2021-03-07T03:20:29Z")));
  CHECK_FALSE(validity.contains(at("2021-03-07T03:20:28.999999Z")));
  CHECK(validity.contains(at("2022-12-31T23:59:59.999Z")));
  CHECK_FALSE(validity.contains(at("2022-12-31T23:59:59.999001Z")));
  CHECK(root->authorities[1].validity.contains(at("9999-01-01T00:00:00Z")));
}

TEST_CASE("other spellings of the same root are read", "[trusted_root]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {"version 0.2", replaced("version=0.1", "version=0.2")},
      {"the dotted form", replaced("trustedroot+json;version=0.1", "trustedroot.v0.2+json")},
      {"snake case", replaced("\"certificateAuthorities\"", "\"certificate_authorities\"")},
      {"an enumeration's number", replaced("\"SHA2_256\"", "1")},
      {"members of a later version", replaced("\"tlogs\"", "\"later\": {\"x\": []}, \"tlogs\"")},
      {"and within a log", replaced("\"baseUrl\"", "\"later\": 1, \"baseUrl\"")},
      {"an operator", replaced("\"baseUrl\"", "\"operator\": \"sigstore.dev\", \"baseUrl\"")},
      {"within a client trust configuration",
       R"({"mediaType":"application/vnd.dev.sigstore.clienttrustconfig.v0.1+json","trustedRoot":)" +
           good + R"(,"signingConfig":{}})"},
  }));
  CAPTURE(row.why);
  const auto root = TrustedRoot::parse(as_bytes(row.text));
  REQUIRE(root);
  CHECK(root->logs.size() == 2);
  CHECK(root->authorities.size() == 2);
}

TEST_CASE("what a root may say besides", "[trusted_root]") {
  const auto endless =
      TrustedRoot::parse(as_bytes(replaced("\"start\": \"2021-03-07T03:20:29Z\",", "")));
  REQUIRE(endless);
  CHECK(endless->authorities[0].validity.contains(at("1970-01-01T00:00:00Z")));
  CHECK_FALSE(endless->authorities[0].validity.contains(at("2023-01-01T00:00:00Z")));
  const auto keyed = TrustedRoot::parse(as_bytes(
      replaced("\"baseUrl\"", "\"checkpointKeyId\": {\"keyId\": \"AAAAAQ==\"}, \"baseUrl\"")));
  REQUIRE(keyed);
  CHECK(keyed->logs[0].checkpoint_id == Bytes{0, 0, 0, 1});
  const auto operated = TrustedRoot::parse(
      as_bytes(replaced("\"certChain\"", "\"operator\": \"shop.example\", \"certChain\"")));
  REQUIRE(operated);
  CHECK(operated->authorities[0].identity() == "shop.example");
}

TEST_CASE("what is no trusted root is refused", "[trusted_root][SIG-22]") {
  const std::string key =
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2G2Y+2tabdTV5BcGiBIx0a9fAFwrkBbmLSGtks4L3qX6yYY0zufBnhC8"
      "Ur/iy55GhWP/9A/bY2LhC30M9+RYtw==";
  struct Row {
    const char* why;
    std::string text;
    Code code = Code::trust_malformed;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"empty", ""},
      {"no object", "[]"},
      {"cut off", good.substr(0, good.size() / 2)},
      {"another version", replaced("version=0.1", "version=0.3")},
      {"no media type", replaced("\"mediaType\"", "\"other\"")},
      {"a list that is none", replaced("\"tlogs\": [", "\"tlogs\": {}, \"x\": [")},
      {"one list in two spellings", replaced("\"certificateAuthorities\"",
                                             "\"certificate_authorities\": [], "
                                             "\"certificateAuthorities\"")},
      {"a log without identifier", replaced("\"logId\"", "\"other\"")},
      {"an identifier that is empty", replaced("wNI9atQGlz+VWfO6LRygH4QUfY/8W4RFwiT5i5WRgB0=", "")},
      {"a log without key", replaced("\"publicKey\"", "\"other\"")},
      {"a key that is none", replaced(key, "AAAA")},
      {"a key of another kind than it says", replaced("PKIX_ECDSA_P256_SHA_256", "PKIX_ED25519")},
      {"an unknown kind of key",
       replaced("PKIX_ECDSA_P256_SHA_256", "PKIX_ECDSA_P256_HMAC_SHA_256")},
      {"an RSA key by PKCS#1 that is none",
       replaced("PKIX_ECDSA_P256_SHA_256", "PKCS1_RSA_PKCS1V5")},
      {"another Merkle hash", replaced("\"SHA2_256\"", "\"SHA2_512\"")},
      {"no Merkle hash", replaced("\"hashAlgorithm\"", "\"other\"")},
      {"a log without beginning", replaced("\"start\": \"2021-01-12T11:53:27Z\"", "")},
      {"a log that ends at no time",
       replaced("\"start\": \"2021-01-12T11:53:27Z\"",
                "\"start\": \"2021-01-12T11:53:27Z\", \"end\": \"never\"")},
      {"a log without validity", replaced("\"validFor\"", "\"other\"")},
      {"a time with an offset", replaced("2021-01-12T11:53:27Z", "2021-01-12T11:53:27+00:00")},
      {"a validity that ends before it begins",
       replaced("2021-03-07T03:20:29Z", "2023-03-07T03:20:29Z")},
      {"a checkpoint key of three bytes",
       replaced("\"baseUrl\"", "\"checkpointKeyId\": {\"keyId\": \"AAAA\"}, \"baseUrl\"")},
      {"an authority without chain", replaced("\"certChain\"", "\"other\"")},
      {"an empty chain", replaced("\"certificates\": [", "\"certificates\": [], \"x\": [")},
      {"a certificate that is none", replaced("MIIB+DCCAX6gAwIBAgIT", "AAAA")},
      {"a chain that ends with no authority", good},
      {"too many logs",
       R"({"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1",)"
       R"("tlogs":[)" +
           repeated("{}", limits::max_root_instances + 1) + "]}",
       Code::limit_count},
      {"a configuration without root",
       R"({"mediaType":"application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"})"},
      {"nested too deep", std::string(100, '['), Code::limit_depth},
  }));
  CAPTURE(row.why);
  std::string text = row.text;
  if (std::string_view(row.why) == "a chain that ends with no authority") {
    // The timestamp authority's own certificate alone.
    const std::size_t authority = text.find("\"timestampAuthorities\"");
    const std::size_t second = text.find("\"rawBytes\"", text.find("\"rawBytes\"", authority) + 1);
    const std::size_t from = text.rfind(',', second);
    const std::size_t to = text.find(']', second);
    text.erase(from, to - from);
  }
  const auto root = TrustedRoot::parse(as_bytes(text));
  REQUIRE_FALSE(root);
  CHECK(root.error().code == row.code);
}

}  // namespace touchstone::formats
