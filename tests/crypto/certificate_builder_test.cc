// Certificates and requests, read back by OpenSSL.
#include "crypto/certificate_builder.h"

#include <openssl/x509v3.h>

#include <catch2/catch.hpp>

#include "base/time.h"
#include "crypto/distinguished_name.h"
#include "crypto/openssl.h"
#include "tests/support/memory_device.h"

namespace touchstone::crypto {
namespace {

using std::chrono::sys_seconds;

constexpr sys_seconds begin{std::chrono::seconds(1'700'000'000)};

CertificateSpec spec_for(const PrivateKey& key, const char* subject = "CN=release,O=Example,C=DE") {
  return {.subject = *parse_distinguished_name(subject),
          .public_key = key.public_key(),
          .emails = {},
          .uris = {},
          .not_before = begin,
          .not_after = begin + std::chrono::days(30)};
}

X509Handle parsed(const Bytes& der) {
  const std::uint8_t* cursor = der.data();
  X509Handle certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  REQUIRE(certificate);
  REQUIRE(cursor == der.data() + der.size());
  return certificate;
}

// An authority's certificate with its key, for certificates that it issues.
struct Authority {
  PrivateKey key = PrivateKey::generate(KeyKind::p384);
  test::MemoryDevice device{key};
  CertificateFields certificate = make();

  CertificateFields make() {
    CertificateSpec spec = spec_for(key, "CN=authority");
    spec.not_after = begin + std::chrono::days(60);
    spec.use = CertificateUse::authority;
    return *CertificateFields::parse(*build_certificate(spec, nullptr, device));
  }
};

}  // namespace

TEST_CASE("each kind of key signs its own certificate", "[certificate-builder]") {
  struct Row {
    KeyKind kind;
    int signature;
  };
  const auto row = GENERATE(values<Row>({{KeyKind::p256, NID_ecdsa_with_SHA256},
                                         {KeyKind::p384, NID_ecdsa_with_SHA384},
                                         {KeyKind::p521, NID_ecdsa_with_SHA512},
                                         {KeyKind::rsa, NID_sha256WithRSAEncryption},
                                         {KeyKind::ed25519, NID_ED25519}}));
  CAPTURE(static_cast<int>(row.kind));
  const auto key = PrivateKey::generate(row.kind);
  test::MemoryDevice device(key);
  CertificateSpec spec = spec_for(key);
  spec.emails = {"release@example.org"};
  spec.uris = {"https://example.org/release"};

  const auto der = build_certificate(spec, nullptr, device);

  REQUIRE(der);
  const X509Handle certificate = parsed(*der);
  CHECK(X509_get_version(certificate.get()) == 2);
  CHECK(X509_get_signature_nid(certificate.get()) == row.signature);
  CHECK(X509_verify(certificate.get(), X509_get0_pubkey(certificate.get())) == 1);
  CHECK(X509_check_purpose(certificate.get(), X509_PURPOSE_ANY, 0) == 1);
  CHECK((X509_get_extension_flags(certificate.get()) & (EXFLAG_INVALID | EXFLAG_CRITICAL)) == 0);
  CHECK(X509_check_ca(certificate.get()) == 0);
  CHECK(X509_get_key_usage(certificate.get()) == KU_DIGITAL_SIGNATURE);
  CHECK(X509_get_extended_key_usage(certificate.get()) == XKU_CODE_SIGN);
  CHECK(X509_check_email(certificate.get(), "release@example.org", 0, 0) == 1);
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate.get());
  CHECK(ASN1_STRING_length(serial) == 16);
  CHECK(ASN1_STRING_type(serial) == V_ASN1_INTEGER);  // not negative
  const auto fields = CertificateFields::parse(*der);
  REQUIRE(fields);
  CHECK(fields->subject == spec.subject);
  CHECK(fields->issuer == spec.subject);
  CHECK(fields->subject_text == "CN=release,O=Example,C=DE");
  CHECK(fields->public_key == key.public_key());
  CHECK(fields->not_before == spec.not_before);
  CHECK(fields->not_after == spec.not_after);
  CHECK(fields->key_identifier.size() == 20);
  CHECK_FALSE(fields->may_issue);
  CHECK(ASN1_OCTET_STRING_cmp(X509_get0_authority_key_id(certificate.get()),
                              X509_get0_subject_key_id(certificate.get())) == 0);
}

TEST_CASE("serial numbers differ", "[certificate-builder]") {
  const auto key = PrivateKey::generate(KeyKind::p256);
  test::MemoryDevice device(key);
  const auto first = CertificateFields::parse(*build_certificate(spec_for(key), nullptr, device));
  const auto second = CertificateFields::parse(*build_certificate(spec_for(key), nullptr, device));
  CHECK(first->serial != second->serial);
}

TEST_CASE("an authority issues for keys of signers", "[certificate-builder]") {
  Authority authority;
  const auto key = PrivateKey::generate(KeyKind::p256);

  const auto der = build_certificate(spec_for(key), &authority.certificate, authority.device);

  REQUIRE(der);
  const X509Handle issuer = parsed(authority.certificate.der);
  const X509Handle certificate = parsed(*der);
  CHECK(X509_check_ca(issuer.get()) == 1);
  CHECK(X509_get_pathlen(issuer.get()) == 0);
  CHECK(X509_get_key_usage(issuer.get()) == (KU_KEY_CERT_SIGN | KU_CRL_SIGN));
  CHECK(X509_check_issued(issuer.get(), certificate.get()) == X509_V_OK);
  CHECK(X509_verify(certificate.get(), X509_get0_pubkey(issuer.get())) == 1);
  CHECK(X509_get0_authority_key_id(certificate.get()) != nullptr);
  CHECK(authority.certificate.may_issue);
}

TEST_CASE("years from 2050 on are written in four digits", "[certificate-builder]") {
  const auto key = PrivateKey::generate(KeyKind::p256);
  test::MemoryDevice device(key);
  for (const char* time : {"2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z"}) {
    CAPTURE(time);
    CertificateSpec spec = spec_for(key);
    spec.not_after = *parse_rfc3339(time);
    const auto der = build_certificate(spec, nullptr, device);
    REQUIRE(der);
    const X509Handle certificate = parsed(*der);
    CHECK(ASN1_STRING_type(X509_get0_notAfter(certificate.get())) ==
          (time[3] == '9' ? V_ASN1_UTCTIME : V_ASN1_GENERALIZEDTIME));
    CHECK(CertificateFields::parse(*der)->not_after == spec.not_after);
  }
}

TEST_CASE("what makes no honest certificate is refused", "[certificate-builder]") {
  Authority authority;
  const auto key = PrivateKey::generate(KeyKind::p256);
  test::MemoryDevice device(key);
  const CertificateSpec good = spec_for(key);
  const auto code_of = [](const Result<Bytes>& made) {
    REQUIRE_FALSE(made);
    return made.error().code;
  };

  SECTION("an end before the beginning") {
    CertificateSpec spec = good;
    spec.not_after = begin - std::chrono::seconds(1);
    CHECK(code_of(build_certificate(spec, nullptr, device)) == Code::usage_arguments);
  }
  SECTION("signed by another key than it says") {
    CHECK(code_of(build_certificate(good, nullptr, authority.device)) == Code::device_certificate);
    CHECK(code_of(build_certificate_request(good, authority.device)) == Code::device_certificate);
  }
  SECTION("an authority whose key is another") {
    CHECK(code_of(build_certificate(good, &authority.certificate, device)) ==
          Code::device_certificate);
  }
  SECTION("an issuer that is no authority") {
    const auto leaf = CertificateFields::parse(*build_certificate(good, nullptr, device));
    CHECK(code_of(build_certificate(good, &*leaf, device)) == Code::usage_arguments);
  }
  SECTION("an authority under an authority") {
    CertificateSpec spec = good;
    spec.use = CertificateUse::authority;
    CHECK(code_of(build_certificate(spec, &authority.certificate, authority.device)) ==
          Code::usage_arguments);
  }
  SECTION("it outlives its authority, or is older") {
    CertificateSpec spec = good;
    spec.not_after = authority.certificate.not_after + std::chrono::seconds(1);
    CHECK(code_of(build_certificate(spec, &authority.certificate, authority.device)) ==
          Code::usage_arguments);
    spec = good;
    spec.not_before = begin - std::chrono::seconds(1);
    CHECK(code_of(build_certificate(spec, &authority.certificate, authority.device)) ==
          Code::usage_arguments);
  }
  SECTION("addresses that are none") {
    for (const char* email :
         {"", "a", "@b", "a@", "a@b@c", "a b@c", "<a@b>", "\xC3\xA4@b", "a\x7F@b"}) {
      CAPTURE(email);
      CertificateSpec spec = good;
      spec.emails = {email};
      CHECK(code_of(build_certificate(spec, nullptr, device)) == Code::usage_arguments);
      CHECK(code_of(build_certificate_request(spec, device)) == Code::usage_arguments);
    }
    for (const char* uri : {"", "a", ":b", "a:", "a b:c", "https://\xC3\xA4", "https://a b"}) {
      CAPTURE(uri);
      CertificateSpec spec = good;
      spec.uris = {uri};
      CHECK(code_of(build_certificate(spec, nullptr, device)) == Code::usage_arguments);
    }
    CertificateSpec spec = good;
    spec.uris = {"urn:a", "URN:a", "h2:a", "git+ssh://a", "x-y:a", "x.y:a"};
    CHECK(build_certificate(spec, nullptr, device));
  }
  SECTION("a signature that does not verify") {
    device.spoil = true;
    CHECK(code_of(build_certificate(good, nullptr, device)) == Code::device_signature);
    CHECK(code_of(build_certificate_request(good, device)) == Code::device_signature);
  }
}

TEST_CASE("a request asks for what a certificate would say", "[certificate-builder]") {
  const auto key = PrivateKey::generate(KeyKind::p521);
  test::MemoryDevice device(key);
  CertificateSpec spec = spec_for(key);
  spec.emails = {"release@example.org"};

  const auto der = build_certificate_request(spec, device);

  REQUIRE(der);
  const std::uint8_t* cursor = der->data();
  const Handle<X509_REQ, X509_REQ_free> request(
      d2i_X509_REQ(nullptr, &cursor, static_cast<long>(der->size())));
  REQUIRE(request);
  CHECK(cursor == der->data() + der->size());
  CHECK(X509_REQ_verify(request.get(), X509_REQ_get0_pubkey(request.get())) == 1);
  STACK_OF(X509_EXTENSION)* wanted = X509_REQ_get_extensions(request.get());
  CHECK(sk_X509_EXTENSION_num(wanted) == 4);
  CHECK(X509v3_get_ext_by_NID(wanted, NID_subject_alt_name, -1) >= 0);
  CHECK(X509v3_get_ext_by_NID(wanted, NID_ext_key_usage, -1) >= 0);
  sk_X509_EXTENSION_pop_free(wanted, X509_EXTENSION_free);
}

TEST_CASE("certificates that are malformed or more than one are refused", "[certificate-fields]") {
  const auto key = PrivateKey::generate(KeyKind::p256);
  test::MemoryDevice device(key);
  const Bytes good = *build_certificate(spec_for(key), nullptr, device);
  REQUIRE(CertificateFields::from_file(good));
  REQUIRE(CertificateFields::from_file(as_bytes(CertificateFields::parse(good)->pem())));
  Bytes longer = good;
  longer.push_back(0);
  const Bytes shorter(good.begin(), good.end() - 1);
  for (const Bytes& bad : {Bytes{}, Bytes{0x30, 0x00}, longer, shorter,
                           to_bytes(key.public_key().pem()), to_bytes("hello")}) {
    const auto fields = CertificateFields::from_file(bad);
    REQUIRE_FALSE(fields);
    CHECK(fields.error().code == Code::format_key);
  }
}

}  // namespace touchstone::crypto
