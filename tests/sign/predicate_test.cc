#include "sign/predicate.h"

#include <catch2/catch.hpp>

#include "crypto/hash.h"
#include "formats/statement.h"

namespace touchstone::sign {
namespace {

using namespace std::chrono_literals;

const std::chrono::sys_seconds now{1'800'000'000s};  // 2027-01-15T08:00:00Z

std::string outcome(std::string_view type, std::string_view text) {
  const auto made = Predicate::create(type, as_bytes(text), now);
  return made ? "made" : std::string(slug(made.error().code));
}

struct Good {
  const char* type;
  const char* uri;
  const char* text;
};
const std::vector<Good> good = {
    {"slsaprovenance", "https://slsa.dev/provenance/v0.2",
     R"({"builder":{"id":"https://b.example"},"buildType":"https://t.example"})"},
    {"slsaprovenance02", "https://slsa.dev/provenance/v0.2",
     R"({"builder":{"id":"https://b.example"},"buildType":"https://t.example"})"},
    {"slsaprovenance1", "https://slsa.dev/provenance/v1",
     R"({"buildDefinition":{"buildType":"t","externalParameters":{}},"runDetails":{"builder":{"id":"b"}}})"},
    {"spdxjson", "https://spdx.dev/Document", R"({"spdxVersion":"SPDX-2.3"})"},
    {"spdxjson", "https://spdx.dev/Document",
     R"({"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld"})"},
    {"spdx", "https://spdx.dev/Document", "SPDXVersion: SPDX-2.3\n"},
    {"cyclonedx", "https://cyclonedx.org/bom", R"({"bomFormat":"CycloneDX","specVersion":"1.5"})"},
    {"vuln", "https://cosign.sigstore.dev/attestation/vuln/v1",
     R"({"scanner":{},"metadata":{"scanStartedOn":"2026-01-01T00:00:00Z","scanFinishedOn":"2026-01-01T00:00:00Z"}})"},
    {"openvex", "https://openvex.dev/ns",
     R"({"@context":"https://openvex.dev/ns/v0.2.0","statements":[]})"},
    {"https://openvex.dev/ns/v0.2.0", "https://openvex.dev/ns/v0.2.0",
     R"({"@context":"https://openvex.dev/ns/v0.2.0","statements":[]})"},
    {"link", "https://in-toto.io/Link/v1", R"({"name":"build"})"},
    {"vsa", "https://slsa.dev/verification_summary/v1",
     R"({"verifier":{"id":"v"},"resourceUri":"u","verificationResult":"PASSED"})"},
    {"vulns", "https://in-toto.io/attestation/vulns/v0.1", R"({"scanner":{},"metadata":{}})"},
    {"test-result", "https://in-toto.io/attestation/test-result/v0.1", R"({"result":"PASSED"})"},
    {"policyexception", "urn:touchstone:policy-exception:v1",
     R"({"reason":"r","createdOn":"2026-01-01T00:00:00Z","expiresOn":"2026-01-01T01:00:00Z"})"},
    {"https://a.example/type", "https://a.example/type", "{}"},
};

}  // namespace

TEST_CASE("a predicate of each type is taken as it stands", "[predicate]") {
  for (const Good& row : good) {
    CAPTURE(row.type, row.text);
    const auto made = Predicate::create(row.type, as_bytes(row.text), now);
    REQUIRE(made);
    CHECK(made->type() == row.uri);
    if (row.type != std::string("spdx")) CHECK(made->json() == row.text);
  }
  CHECK(Predicate::create("spdx", as_bytes("SPDXVersion: SPDX-2.3\n"), now)->json() ==
        R"("SPDXVersion: SPDX-2.3\n")");
  // Numbers and blanks stay what they are.
  const std::string exact = " {\"score\" : 9.80, \"big\":18446744073709551615}\n";
  CHECK(Predicate::create("a:b", as_bytes(exact), now)->json() == exact);
}

TEST_CASE("custom predicates are cosign's", "[predicate]") {
  for (const char* type : {"custom", "https://cosign.sigstore.dev/attestation/v1"}) {
    CHECK(Predicate::create(type, as_bytes("{\"a\":1}\n"), now)->json() ==
          R"({"Data":"{\"a\":1}\n","Timestamp":"2027-01-15T08:00:00Z"})");
  }
  CHECK(outcome("custom", "") == "made");
  CHECK(outcome("custom", "plain") == "made");
}

TEST_CASE("without a member by which its type is known, a predicate is refused", "[predicate]") {
  // Each member of each good one, spoiled in turn.
  std::size_t spoiled = 0;
  for (const Good& row : good) {
    const std::string text = row.text;
    if (row.type == std::string("https://a.example/type") || text.front() != '{') continue;
    for (std::size_t at = text.find("\":"); at != std::string::npos;
         at = text.find("\":", at + 1)) {
      std::string other = text;
      other.insert(at, "x");
      CAPTURE(row.type, other);
      CHECK(outcome(row.type, other) == "format.file");
      ++spoiled;
    }
  }
  CHECK(spoiled > 30);
  CHECK(outcome("cyclonedx", R"({"bomFormat":"SPDX","specVersion":"1"})") == "format.file");
  CHECK(Predicate::create("cyclonedx", as_bytes(R"({"bomFormat":"x"})"), now)
            .error()
            .message.contains("begins with CycloneDX"));
  CHECK(outcome("cyclonedx", R"({"bomFormat":"CycloneDX","specVersion":""})") == "format.file");
  CHECK(outcome("cyclonedx", R"({"bomFormat":"CycloneDX","specVersion":1})") == "format.file");
  CHECK(
      outcome("vuln", R"({"scanner":[],"metadata":{"scanStartedOn":"a","scanFinishedOn":"b"}})") ==
      "format.file");
  CHECK(outcome("openvex", R"({"@context":"https://openvex.dev/ns","statements":{}})") ==
        "format.file");
  CHECK(outcome("openvex", R"({"@context":"https://other.example","statements":[]})") ==
        "format.file");
  CHECK(outcome("spdxjson", R"({"spdxVersion":"2.3"})") == "format.file");
  CHECK(outcome("spdx", R"({"spdxVersion":"SPDX-2.3"})") == "format.file");
}

TEST_CASE("malformed predicates are refused", "[predicate]") {
  struct Row {
    const char* why;
    const char* type;
    std::string text;
    const char* outcome;
  };
  const auto row = GENERATE(values<Row>({
      {"no JSON", "a:b", "{", "format.file"},
      {"empty", "a:b", "", "format.file"},
      {"an array", "a:b", "[]", "format.file"},
      {"a text", "a:b", "\"x\"", "format.file"},
      {"a member twice", "a:b", R"({"a":1,"a":2})", "format.file"},
      {"a byte order mark", "a:b", "\xEF\xBB\xBF{}", "format.file"},
      {"two documents", "a:b", "{}{}", "format.file"},
      {"no UTF-8", "custom", "\xFF", "format.file"},
      {"a NUL", "custom", std::string("a\0b", 3), "format.file"},
      {"too deep", "a:b", std::string(70, '[') + std::string(70, ']'), "limit.depth"},
      {"too deep for a statement", "a:b",
       "{\"a\":" + std::string(63, '[') + std::string(63, ']') + "}", "limit.depth"},
      {"too large", "custom", std::string(max_predicate_bytes + 1, 'a'), "limit.size"},
      {"no such type", "provenance", "{}", "usage.arguments"},
      {"a signature of the image", "https://sigstore.dev/cosign/sign/v1", "{}",
       "policy.image-signature"},
  }));
  CAPTURE(row.why);
  CHECK(outcome(row.type, row.text) == row.outcome);
}

TEST_CASE("what is no text is told as such", "[predicate]") {
  for (const std::string& text : {std::string("\xFF"), std::string("a\0b", 3)}) {
    CHECK(Predicate::create("custom", as_bytes(text), now).error().message.contains("no text"));
  }
}

}  // namespace touchstone::sign
