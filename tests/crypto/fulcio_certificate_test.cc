// What Fulcio's certificates say: pretend ones, and those of the conformance vectors.
#include "crypto/fulcio_certificate.h"

#include <catch2/catch.hpp>
#include <iostream>

#include "base/der_writer.h"
#include "base/encoding.h"
#include "tests/support/authority.h"
#include "tests/support/conformance.h"

namespace touchstone::crypto {
namespace {

using test::CertificateText;
using Extensions = std::vector<std::pair<std::string, Bytes>>;  // number after the arc, value

constexpr std::uint8_t utf8_string = 0x0C;

Bytes utf8(std::string_view text) { return der::text(utf8_string, text); }

Certificate certificate(const Extensions& extensions) {
  CertificateText text = CertificateText::leaf();
  for (const auto& [number, value] : extensions) {
    text.more_extensions.emplace_back("1.3.6.1.4.1.57264.1." + number, "DER:" + to_hex(value));
  }
  return test::issue(text, nullptr).certificate();
}

Result<FulcioFields> read(const Extensions& extensions) {
  return fulcio_fields(certificate(extensions));
}

Code code_of(const Result<FulcioFields>& fields) {
  REQUIRE_FALSE(fields);
  return fields.error().code;
}

}  // namespace

TEST_CASE("every extension that Fulcio lists has a name", "[fulcio]") {
  Extensions extensions;
  for (int number = 2; number <= 22; ++number) {
    if (number == 7 || number == 8) continue;
    const std::string text = "value " + std::to_string(number);
    extensions.emplace_back(std::to_string(number), number < 7 ? to_bytes(text) : utf8(text));
  }
  const auto fields = read(extensions);
  REQUIRE(fields);
  CHECK(fields->issuer.empty());
  CHECK(fields->unknown.empty());
  const std::vector<std::string_view> names = fulcio_field_names();
  REQUIRE(names.size() == 19);
  CHECK(fields->values.size() == names.size());
  std::vector<std::string> found;
  for (const std::string_view name : names) {
    REQUIRE(fields->find(name) != nullptr);
    found.push_back(*fields->find(name));
  }
  CHECK(found.front() == "value 2");
  CHECK(found.back() == "value 22");
  CHECK(*fields->find("github-workflow-ref") == "value 6");
  CHECK(*fields->find("source-repository-uri") == "value 12");
  CHECK(*fields->find("build-config-uri") == "value 18");
  CHECK(*fields->find("source-repository-owner-identifier") == "value 17");
  CHECK(fields->find("issuer") == nullptr);
}

TEST_CASE("the issuer is named once, or twice alike", "[fulcio][SIG-37]") {
  const Bytes raw = to_bytes("https://issuer.example");
  const Bytes wrapped = utf8("https://issuer.example");
  CHECK(read({})->issuer.empty());
  CHECK(read({{"1", raw}})->issuer == "https://issuer.example");
  CHECK(read({{"8", wrapped}})->issuer == "https://issuer.example");
  CHECK(read({{"1", raw}, {"8", wrapped}})->issuer == "https://issuer.example");
  CHECK(read({{"8", wrapped}, {"1", raw}})->issuer == "https://issuer.example");
  CHECK(code_of(read({{"1", raw}, {"8", utf8("https://issuer.example/")}})) ==
        Code::certificate_issuer);
  CHECK(code_of(read({{"1", to_bytes("https://other.example")}, {"8", wrapped}})) ==
        Code::certificate_issuer);
  CHECK(code_of(read({{"1", {}}, {"8", wrapped}})) == Code::certificate_issuer);
  CHECK(code_of(read({{"1", raw}, {"8", utf8("")}})) == Code::certificate_issuer);
  // The old one is no DER: its octets are the text.
  CHECK(code_of(read({{"1", wrapped}})) == Code::certificate_malformed);
}

TEST_CASE("any string of DER's is text, and nothing follows it", "[fulcio]") {
  struct Row {
    const char* why;
    std::string hex;
    bool good;
  };
  const auto row = GENERATE(values<Row>({
      {"UTF8String", "0c0161", true},
      {"UTF8String beyond ASCII", "0c02c3a9", true},
      {"an emoji that is joined of several", "0c0bf09f91a9e2808df09f92bb", true},
      {"PrintableString", "130161", true},
      {"IA5String", "160161", true},
      {"VisibleString", "1a0161", true},
      {"an empty string", "0c00", true},
      {"nothing", "", false},
      {"bare text", "68747470", false},
      {"a string and a byte", "0c016100", false},
      {"two strings", "0c01610c0161", false},
      {"a string that is cut off", "0c0261", false},
      {"a length in a second spelling", "0c810161", false},
      {"an OCTET STRING", "040161", false},
      {"an INTEGER", "020161", false},
      {"a BMPString", "1e020061", false},
      {"IA5String beyond ASCII", "1602c3a9", false},
      {"PrintableString beyond ASCII", "1302c3a9", false},
      {"malformed UTF-8", "0c01ff", false},
      {"NUL", "0c03610062", false},
      {"a line break", "0c010a", false},
      {"an escape", "0c011b", false},
      {"DEL", "0c017f", false},
      {"a control character of C1", "0c02c29b", false},
      {"what follows C1", "0c02c2a0", true},
  }));
  CAPTURE(row.why);
  for (const char* number : {"8", "12", "22"}) {
    CAPTURE(number);
    const auto fields = read({{number, *from_hex(row.hex)}});
    if (row.good) {
      CHECK(fields);
    } else {
      CHECK(code_of(fields) == Code::certificate_malformed);
    }
  }
}

TEST_CASE("the old extensions hold bare text", "[fulcio]") {
  for (const char* number : {"1", "2", "6"}) {
    CHECK(read({{number, to_bytes("refs/heads/main")}}));
    CHECK(code_of(read({{number, to_bytes("a\nb")}})) == Code::certificate_malformed);
    CHECK(code_of(read({{number, {0xFF}}})) == Code::certificate_malformed);
  }
  CHECK(*read({{"6", to_bytes("refs/heads/main")}})->find("github-workflow-ref") ==
        "refs/heads/main");
}

TEST_CASE("what is not listed is kept as it stands", "[fulcio]") {
  const auto fields = read({{"23", {0xFF, 0x00}},
                            {"7", utf8("foo!oidc.local")},
                            {"8.1", to_bytes("x")},
                            {"300.18446744073709551615", {0}},
                            {"18446744073709551616", {1}},
                            {"12", utf8("https://source.example")}});
  REQUIRE(fields);
  CHECK(fields->unknown == std::map<std::string, Bytes>{{"23", {0xFF, 0x00}},
                                                        {"7", utf8("foo!oidc.local")},
                                                        {"", {1}},  // beyond 64 bits
                                                        {"8.1", to_bytes("x")},
                                                        {"300.18446744073709551615", {0}}});
  CHECK(fields->values.size() == 1);
  CHECK(fields->issuer.empty());
}

TEST_CASE("the same numbers under another arc say nothing", "[fulcio]") {
  CertificateText text = CertificateText::leaf();
  const std::string value = "DER:" + to_hex(utf8("https://issuer.example"));
  text.more_extensions = {{"1.3.6.1.4.1.57264.2.8", value},
                          {"1.3.6.1.4.1.57265.1.8", value},
                          {"1.3.6.1.4.1.57264.8", value},
                          {"1.3.6.1.4.1.57264.1", value}};
  const auto fields = fulcio_fields(test::issue(text, nullptr).certificate());
  REQUIRE(fields);
  CHECK(fields->issuer.empty());
  CHECK(fields->values.empty());
  CHECK(fields->unknown.empty());
}

TEST_CASE("the conformance certificates name their issuer", "[fulcio][vectors]") {
  const std::vector<std::string> names = test::conformance_names();
  if (names.empty()) std::cout << "skipped: no conformance vectors beside the project\n";
  std::size_t github = 0;
  for (const std::string& name : names) {
    CAPTURE(name);
    const auto one = test::conformance_case(name);
    if (!one || one->certificates.empty()) continue;
    const auto leaf = Certificate::from_der(one->certificates[0]);
    if (!leaf) continue;
    const auto fields = fulcio_fields(*leaf);
    REQUIRE(fields);
    CHECK(fields->unknown.empty());
    CHECK(fields->issuer.starts_with("http"));
    const std::string* source = fields->find("source-repository-uri");
    if (fields->issuer != "https://token.actions.githubusercontent.com" || source == nullptr) {
      continue;
    }
    CHECK(source->starts_with("https://github.com/"));
    ++github;
  }
  CHECK((names.empty() || github > 30));
}

}  // namespace touchstone::crypto
