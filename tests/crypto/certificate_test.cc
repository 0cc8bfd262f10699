// One certificate: what it says, and what is refused as none.
#include "crypto/certificate.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/limits.h"
#include "base/text.h"
#include "crypto/pem.h"
#include "tests/support/authority.h"

namespace touchstone::crypto {
namespace {

using namespace std::chrono_literals;
using test::CertificateText;
using test::Entity;
using test::issue;

CertificateText leaf() { return CertificateText::leaf(); }

Code code_of(const Bytes& der) {
  const auto certificate = Certificate::from_der(der);
  REQUIRE_FALSE(certificate);
  return certificate.error().code;
}

// `der` with the last (or first) place of `from` changed to `to`, which is as long.
Bytes replaced(Bytes der, const Bytes& from, const Bytes& to, bool last) {
  const auto found = last ? std::ranges::find_end(der, from) : std::ranges::search(der, from);
  REQUIRE_FALSE(found.empty());
  std::ranges::copy(to, found.begin());
  return der;
}

Certificate parsed(const CertificateText& text) { return issue(text, nullptr).certificate(); }

}  // namespace

TEST_CASE("a certificate says who, when and what for", "[certificate]") {
  const Entity root = issue(CertificateText::authority("Shop Root"), nullptr);
  const Entity entity = issue(leaf(), &root);
  const Certificate certificate = entity.certificate();
  CHECK(certificate.subject() == "CN=signer");
  CHECK(certificate.issuer() == "CN=Shop Root");
  CHECK(certificate.not_before() == test::certificate_begin);
  CHECK(certificate.not_after() == test::certificate_end);
  CHECK(certificate.key() == entity.private_key().public_key());
  CHECK(certificate.fingerprint() == digest_of(entity.der).to_string());
  REQUIRE(certificate.alternative_names().size() == 1);
  CHECK(certificate.alternative_names()[0].kind == AlternativeName::Kind::email);
  CHECK(certificate.alternative_names()[0].value == "release@shop.example");
  CHECK(certificate.purposes() == std::vector<std::string>{"1.3.6.1.5.5.7.3.3"});
  CHECK(certificate.has_key_usage());
  CHECK(certificate.may_sign());
  CHECK_FALSE(certificate.may_issue());
  CHECK_FALSE(certificate.is_authority());
  CHECK_FALSE(certificate.is_self_signed());
  CHECK(root.certificate().is_authority());
  CHECK(root.certificate().is_self_signed());
  CHECK(root.certificate().may_issue());
  CHECK_FALSE(root.certificate().may_sign());
  CHECK_FALSE(root.certificate().purposes());
  CHECK(certificate == *Certificate::from_der(entity.der));
  CHECK_FALSE(certificate == root.certificate());
}

TEST_CASE("alternative names come byte for byte, each with its kind", "[certificate]") {
  using Kind = AlternativeName::Kind;
  const Certificate certificate = parsed(leaf().with(
      "subjectAltName",
      "URI:https://github.com/Org/repo/.github/x.yml@refs/heads/main,DNS:*.shop.example,"
      "otherName:1.3.6.1.4.1.57264.1.7;UTF8:foo!oidc.local,IP:127.0.0.1,otherName:1.2.3;UTF8:x"));
  const auto& names = certificate.alternative_names();
  REQUIRE(names.size() == 5);
  CHECK(names[0].kind == Kind::uri);
  CHECK(names[0].value == "https://github.com/Org/repo/.github/x.yml@refs/heads/main");
  CHECK(names[1].kind == Kind::dns);
  CHECK(names[1].value == "*.shop.example");
  CHECK(names[2].kind == Kind::user);
  CHECK(names[2].value == "foo!oidc.local");
  CHECK(names[3].kind == Kind::other);
  CHECK(names[4].kind == Kind::other);
  CHECK(names[4].value.empty());
  // Fulcio's name is text of one kind.
  const Certificate other =
      parsed(leaf().with("subjectAltName", "otherName:1.3.6.1.4.1.57264.1.7;IA5:foo!oidc.local"));
  CHECK(other.alternative_names().front().kind == Kind::other);
  CHECK(other.alternative_names().front().value.empty());
}

TEST_CASE("a truth value is one octet of DER's two", "[certificate]") {
  for (const Bytes& wrong : {Bytes{0x30, 0x02, 0x01, 0x00}, Bytes{0x30, 0x03, 0x01, 0x01, 0x01}}) {
    const auto certificate = Certificate::from_der(wrong);
    REQUIRE_FALSE(certificate);
    CHECK(certificate.error().message.contains("no DER"));
  }
  // Said at length, "not critical" is false.
  Bytes said = issue(leaf().with("subjectAltName", "critical,DNS:a.example"), nullptr).der;
  const Bytes truth = {0x06, 0x03, 0x55, 0x1D, 0x11, 0x01, 0x01, 0xFF};
  const auto found = std::ranges::search(said, truth);
  REQUIRE_FALSE(found.empty());
  found.back() = 0;
  CHECK(Certificate::from_der(said));
}

TEST_CASE("what is no certificate, or none in DER, is refused", "[certificate][X509-24][X509-32]") {
  const Entity good = issue(leaf(), nullptr);
  REQUIRE(Certificate::from_der(good.der));
  Bytes twice = good.der;
  twice.insert(twice.end(), good.der.begin(), good.der.end());
  Bytes longer = good.der;
  longer.push_back(0);
  Bytes long_length = good.der;  // 30 82 hh ll as 30 83 00 hh ll
  long_length[1] = 0x83;
  long_length.insert(long_length.begin() + 2, 0);
  const Bytes sha256 = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};
  const Bytes sha384 = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03};
  CertificateText many = leaf();
  for (std::size_t i = 0; i < limits::max_certificate_extensions; ++i) {
    many.more_extensions.emplace_back("1.2.3." + std::to_string(i), "DER:0500");
  }
  CertificateText repeated = leaf();
  repeated.more_extensions.emplace_back("1.2.3", "DER:0500");
  REQUIRE(Certificate::from_der(issue(repeated, nullptr).der));
  repeated.more_extensions.emplace_back("1.2.3", "DER:0500");
  const auto text = [](auto change) {
    CertificateText changed = leaf();
    change(changed);
    return issue(changed, nullptr).der;
  };
  const auto until = [&](const std::string& time) {
    return text([&](CertificateText& t) { t.raw_not_after = time; });
  };
  const auto with = [](const std::string& extension, const std::string& value) {
    return issue(leaf().with(extension, value), nullptr).der;
  };
  const auto serial = [&](const std::string& hex) {
    return text([&](CertificateText& t) { t.serial = hex; });
  };
  REQUIRE(Certificate::from_der(until("300317174640Z")));
  REQUIRE(Certificate::from_der(until("20500317174640Z")));
  REQUIRE(Certificate::from_der(serial("7F" + std::string(38, '0'))));

  struct Row {
    const char* why;
    Bytes der;
  };
  const std::vector<Row> rows = {
      {"nothing", {}},
      {"cut off", Bytes(good.der.begin(), good.der.end() - 1)},
      {"a byte follows", longer},
      {"another one follows", twice},
      {"a length that is not the shortest", long_length},
      {"true that is not FF", replaced(good.der, {0x01, 0x01, 0xFF}, {0x01, 0x01, 0x01}, false)},
      {"version 1", text([](CertificateText& t) {
         t.version = 0;
         t.extensions.clear();
       })},
      {"two signature algorithms", replaced(good.der, sha256, sha384, true)},
      {"serial number 0", serial("0")},
      {"negative serial number", serial("-7")},
      {"serial number of 21 octets", serial("7F" + std::string(40, '0'))},
      {"an extension twice", issue(repeated, nullptr).der},
      {"too many extensions", issue(many, nullptr).der},
      {"too large", with("1.2.3", "DER:0483011170" + std::string(2 * 70'000, '0'))},
      {"malformed basic constraints", with("basicConstraints", "critical,DER:0500")},
      {"malformed alternative names", with("subjectAltName", "DER:0500")},
      {"malformed purposes", with("extendedKeyUsage", "DER:0500")},
      {"a beginning that is no time",
       replaced(good.der, to_bytes("231114221320Z"), to_bytes("231114221399Z"), false)},
      {"an alternative name with DEL", with("subjectAltName", "DER:300581036a7f62")},
      {"an alternative name with NUL", with("subjectAltName", "DER:30058103610062")},
      {"an alternative name with a line break", with("subjectAltName", "DER:300581036a0a62")},
      {"an alternative name beyond ASCII", with("subjectAltName", "DER:30048102c3a9")},
      {"an empty alternative name", with("subjectAltName", "DER:30028100")},
      {"time without seconds", until("3003171746Z")},
      {"time with an offset", until("300317174640+0100")},
      {"time with a fraction", until("20500317174640.5Z")},
      {"time with a letter", until("3003171746O0Z")},
      {"a month that is none", until("301317174640Z")},
      {"the 30th of February", until("300230174640Z")},
      {"an hour that is none", until("300317244640Z")},
      {"a year before 2050 in four digits", until("20300317174640Z")},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    CHECK(code_of(row.der) == Code::certificate_malformed);
  }
}

TEST_CASE("times reach from 1950 to 9999", "[certificate][X509-24]") {
  CertificateText text = leaf();
  text.not_before = std::chrono::sys_days(std::chrono::year(1950) / 1 / 1);
  text.raw_not_after = "99991231235959Z";
  const Certificate certificate = parsed(text);
  CHECK(certificate.not_before() == text.not_before);
  CHECK(certificate.not_after() ==
        std::chrono::sys_days(std::chrono::year(9999) / 12 / 31) + 23h + 59min + 59s);
  text.raw_not_after = "491231235959Z";
  CHECK(parsed(text).not_after() == std::chrono::sys_days(std::chrono::year(2050) / 1 / 1) - 1s);
}

TEST_CASE("whose key signed a certificate is checked, or known", "[certificate]") {
  const auto root = issue(CertificateText::authority("Root"), nullptr);
  const auto other_root = issue(CertificateText::authority("Root"), nullptr);
  const Certificate leaf = issue(CertificateText::leaf(), &root).certificate();
  const Certificate right = root.certificate();
  const Certificate wrong = other_root.certificate();

  CHECK_FALSE(leaf.is_signed_by(wrong));
  CHECK(leaf.is_signed_by(right));
  CHECK(leaf.is_signed_by(right));
  CHECK_FALSE(leaf.is_signed_by(wrong));
  CHECK_FALSE(leaf.is_signed_by(leaf));

  const Certificate copy = leaf;
  copy.assume_signed_by(wrong);
  CHECK(leaf.is_signed_by(wrong));
  CHECK(leaf.is_signed_by(right));
}

TEST_CASE("validity is a closed interval", "[certificate][X509-23]") {
  const Certificate certificate = parsed(leaf());
  CHECK_FALSE(certificate.valid_at(test::certificate_begin - 1s));
  CHECK(certificate.valid_at(test::certificate_begin));
  CHECK(certificate.valid_at(test::certificate_end));
  CHECK_FALSE(certificate.valid_at(test::certificate_end + 1s));
}

TEST_CASE("a certificate for a weak key is refused as weak", "[certificate][X509-08]") {
  for (const char* kind : {"RSA-1024", "P-224", "secp256k1"}) {
    CAPTURE(kind);
    CertificateText text = leaf();
    text.key = kind;
    CHECK(code_of(issue(text, nullptr).der) == Code::certificate_weak);
  }
}

TEST_CASE("names are safe to show", "[certificate]") {
  CertificateText text = leaf();
  text.subject = "a\x1b[2Jb\u202ec";
  const Certificate certificate = parsed(text);
  CHECK(is_printable(certificate.subject()));
  CHECK(certificate.subject() != "");
}

TEST_CASE("a file holds certificates and nothing else", "[certificate][X509-32][X509-33]") {
  const Entity one = issue(leaf(), nullptr);
  const Entity two = issue(CertificateText::authority("root"), nullptr);
  CHECK_FALSE(Certificate::from_file(as_bytes(to_pem("X509 CRL", one.der))));
  const auto both =
      Certificate::from_file(as_bytes("# ours\n" + one.pem() + "\n# and its root\r\n" + two.pem()));
  REQUIRE(both);
  CHECK(*both == std::vector{one.certificate(), two.certificate()});
  CHECK(Certificate::from_file(one.der)->front() == one.certificate());

  std::string many;
  for (std::size_t i = 0; i <= limits::max_certificates_in_file; ++i) many += one.pem();
  struct Row {
    const char* why;
    std::string text;
    Code code;
  };
  const std::string key = one.private_key().pem();
  const std::vector<Row> rows = {
      {"empty", "", Code::certificate_malformed},
      {"text before", "subject=x\n" + one.pem(), Code::certificate_malformed},
      {"text between", one.pem() + "x\n" + two.pem(), Code::certificate_malformed},
      {"text after", one.pem() + "x\n", Code::certificate_malformed},
      {"a comment after", one.pem() + "# x\n", Code::certificate_malformed},
      {"no end", one.pem().substr(0, 200), Code::certificate_malformed},
      {"a second one without an end", one.pem() + two.pem().substr(0, 200),
       Code::certificate_malformed},
      {"a private key", key, Code::certificate_malformed},
      {"a private key beside", one.pem() + key, Code::certificate_malformed},
      {"too many", many, Code::limit_count},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const auto read = Certificate::from_file(as_bytes(row.text));
    REQUIRE_FALSE(read);
    CHECK(read.error().code == row.code);
    CHECK(read.error().message.find(key.substr(40, 20)) == std::string::npos);
  }
}

}  // namespace touchstone::crypto
