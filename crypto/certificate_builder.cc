#include "crypto/certificate_builder.h"

#include <algorithm>
#include <array>

#include "base/der.h"
#include "base/der_writer.h"
#include "base/text.h"
#include "base/time.h"

namespace touchstone::crypto {
namespace {

using std::chrono::sys_seconds;

constexpr std::uint8_t boolean = 0x01;
constexpr std::uint8_t utc_time = 0x17;
constexpr std::uint8_t generalized_time = 0x18;
constexpr std::uint8_t set_of = 0x31;
constexpr std::uint8_t rfc822_name = 0x81;  // GeneralName [1], IA5String
constexpr std::uint8_t uri_name = 0x86;     // GeneralName [6], IA5String
constexpr std::uint8_t key_identifier_tag = 0x80;
constexpr std::uint8_t context_0 = 0xA0;
constexpr std::uint8_t context_3 = 0xA3;

// Object identifiers and constant elements, whole.
constexpr std::array<std::uint8_t, 5> oid_subject_key_identifier = {0x06, 0x03, 0x55, 0x1D, 0x0E};
constexpr std::array<std::uint8_t, 5> oid_key_usage = {0x06, 0x03, 0x55, 0x1D, 0x0F};
constexpr std::array<std::uint8_t, 5> oid_subject_alt_name = {0x06, 0x03, 0x55, 0x1D, 0x11};
constexpr std::array<std::uint8_t, 5> oid_basic_constraints = {0x06, 0x03, 0x55, 0x1D, 0x13};
constexpr std::array<std::uint8_t, 5> oid_authority_key_identifier = {0x06, 0x03, 0x55, 0x1D, 0x23};
constexpr std::array<std::uint8_t, 5> oid_extended_key_usage = {0x06, 0x03, 0x55, 0x1D, 0x25};
constexpr std::array<std::uint8_t, 10> oid_code_signing = {0x06, 0x08, 0x2B, 0x06, 0x01,
                                                           0x05, 0x05, 0x07, 0x03, 0x03};
constexpr std::array<std::uint8_t, 11> oid_extension_request = {0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
                                                                0xF7, 0x0D, 0x01, 0x09, 0x0E};
constexpr std::array<std::uint8_t, 4> digital_signature = {0x03, 0x02, 0x07, 0x80};
constexpr std::array<std::uint8_t, 4> certificate_and_list_sign = {0x03, 0x02, 0x01, 0x06};
constexpr std::array<std::uint8_t, 2> no_authority = {0x30, 0x00};  // cA is FALSE by default
constexpr std::array<std::uint8_t, 8> authority_of_signers = {0x30, 0x06, 0x01, 0x01,
                                                              0xFF, 0x02, 0x01, 0x00};
constexpr std::array<std::uint8_t, 5> version_3 = {0xA0, 0x03, 0x02, 0x01, 0x02};
constexpr std::array<std::uint8_t, 3> request_version = {0x02, 0x01, 0x00};
constexpr std::array<std::uint8_t, 12> ecdsa_with_sha256 = {0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86,
                                                            0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};
constexpr std::array<std::uint8_t, 12> ecdsa_with_sha384 = {0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86,
                                                            0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03};
constexpr std::array<std::uint8_t, 12> ecdsa_with_sha512 = {0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86,
                                                            0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04};
constexpr std::array<std::uint8_t, 15> sha256_with_rsa = {
    0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B, 0x05, 0x00};
constexpr std::array<std::uint8_t, 7> ed25519_signature = {0x30, 0x05, 0x06, 0x03,
                                                           0x2B, 0x65, 0x70};

Error refused(std::string why) { return Error{Code::usage_arguments, std::move(why), ""}; }

// The AlgorithmIdentifier of the scheme that a key of this kind signs by.
ByteView algorithm_of(KeyKind kind) {
  switch (kind) {
    case KeyKind::p256:
      return ecdsa_with_sha256;
    case KeyKind::p384:
      return ecdsa_with_sha384;
    case KeyKind::p521:
      return ecdsa_with_sha512;
    case KeyKind::rsa:
      return sha256_with_rsa;
    case KeyKind::ed25519:
      return ed25519_signature;
  }
  return {};
}

// RFC 5280 section 4.1.2.5: UTCTime through the year 2049, GeneralizedTime from 2050 on.
Bytes time_element(sys_seconds time) {
  std::string text;
  for (const char c : to_rfc3339(time)) {
    if ((c >= '0' && c <= '9') || c == 'Z') text.push_back(c);
  }
  if (text < "2050") return der::text(utc_time, std::string_view(text).substr(2));
  return der::text(generalized_time, text);
}

Bytes validity(const CertificateSpec& spec) {
  const Bytes from = time_element(spec.not_before);
  const Bytes to = time_element(spec.not_after);
  return der::element(der::sequence, {from, to});
}

// RFC 5280 section 4.1.2.2: a positive INTEGER of at most 20 octets; ours is 16 bytes long whatever
// the dice say.
Bytes random_serial() {
  Bytes serial = random_bytes(16);
  serial.front() = static_cast<std::uint8_t>((serial.front() & 0x3F) | 0x40);
  return der::unsigned_number(serial);
}

// RFC 7093 section 2, method 1: the leftmost 160 bits of the SHA-256 of the key's bits.
Bytes key_identifier(const PublicKey& key) {
  Reader outer(key.der());
  Reader inner(der::expect(outer, der::sequence).value_or(ByteView()));
  (void)der::next(inner);
  const ByteView bits = der::expect(inner, der::bit_string).value_or(ByteView());
  Bytes identifier = hash(Hash::sha256, bits.empty() ? bits : bits.subspan(1));
  identifier.resize(20);
  return identifier;
}

Bytes extension(ByteView oid, bool critical, ByteView value) {
  constexpr std::array<std::uint8_t, 3> yes = {boolean, 0x01, 0xFF};
  const Bytes wrapped = der::element(der::octet_string, {value});
  return der::element(der::sequence, {oid, critical ? ByteView(yes) : ByteView(), wrapped});
}

bool is_visible_ascii(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

// RFC 5280 section 4.2.1.6: an addr-spec; a URI with its scheme.
Status check_names(const CertificateSpec& spec) {
  for (const std::string& email : spec.emails) {
    const std::size_t at = email.find('@');
    if (!is_visible_ascii(email) || at == std::string::npos || at == 0 || at + 1 == email.size() ||
        at != email.rfind('@') || email.find_first_of("<>,;\"") != std::string::npos) {
      return refused("\"" + printable(email) + "\" is no e-mail address");
    }
  }
  for (const std::string& uri : spec.uris) {
    const std::size_t colon = uri.find(':');
    const bool has_scheme = colon != std::string::npos && colon > 0 && colon + 1 < uri.size() &&
                            std::ranges::all_of(uri.substr(0, colon), [](char c) {
                              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                     (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
                            });
    if (!is_visible_ascii(uri) || !has_scheme) {
      return refused("\"" + printable(uri) + "\" is no URI");
    }
  }
  return ok();
}

Bytes alternative_names(const CertificateSpec& spec) {
  Bytes names;
  const auto add = [&](std::uint8_t tag, const std::string& name) {
    const Bytes element = der::text(tag, name);
    names.insert(names.end(), element.begin(), element.end());
  };
  for (const std::string& email : spec.emails) add(rfc822_name, email);
  for (const std::string& uri : spec.uris) add(uri_name, uri);
  return names;
}

// What both a certificate and a request for one say.
Bytes common_extensions(const CertificateSpec& spec) {
  const bool authority = spec.use == CertificateUse::authority;
  Bytes all = extension(oid_basic_constraints, true,
                        authority ? ByteView(authority_of_signers) : ByteView(no_authority));
  const auto add = [&](const Bytes& one) { all.insert(all.end(), one.begin(), one.end()); };
  add(extension(oid_key_usage, true,
                authority ? ByteView(certificate_and_list_sign) : ByteView(digital_signature)));
  if (!authority) {
    const Bytes purposes = der::element(der::sequence, {ByteView(oid_code_signing)});
    add(extension(oid_extended_key_usage, false, purposes));
  }
  if (const Bytes names = alternative_names(spec); !names.empty()) {
    const Bytes value = der::element(der::sequence, {names});
    add(extension(oid_subject_alt_name, false, value));
  }
  return all;
}

Bytes extensions(const CertificateSpec& spec, const CertificateFields* issuer) {
  Bytes all = common_extensions(spec);
  const Bytes own = key_identifier(spec.public_key);
  const Bytes& above = issuer == nullptr ? own : issuer->key_identifier;
  const Bytes own_value = der::element(der::octet_string, {own});
  const Bytes subject_key = extension(oid_subject_key_identifier, false, own_value);
  all.insert(all.end(), subject_key.begin(), subject_key.end());
  if (!above.empty()) {
    const Bytes identifier = der::element(key_identifier_tag, {above});
    const Bytes value = der::element(der::sequence, {identifier});
    const Bytes authority_key = extension(oid_authority_key_identifier, false, value);
    all.insert(all.end(), authority_key.begin(), authority_key.end());
  }
  const Bytes sequence = der::element(der::sequence, {all});
  return der::element(context_3, {sequence});
}

// SEQUENCE { what is signed, algorithm, signature }, the signature checked.
Result<Bytes> signed_by(KeyDevice& signer, const PublicKey& key, const Bytes& content) {
  TS_TRY(const Bytes signature, signer.sign(key.signing_scheme(), content));
  if (!key.verify(key.signing_scheme(), content, signature)) {
    return Error{Code::device_signature, "the signature does not verify with the signer's key", ""};
  }
  const Bytes bits = der::bits(signature);
  return der::element(der::sequence, {content, algorithm_of(key.kind()), bits});
}

Status check_issuer(const CertificateSpec& spec, const CertificateFields& issuer,
                    const PublicKey& signer) {
  if (!(issuer.public_key == signer)) {
    return Error{Code::device_certificate,
                 "the authority's certificate is not one of the authority's key", ""};
  }
  if (!issuer.may_issue) {
    return refused("the certificate of " + issuer.subject_text + " may not issue certificates");
  }
  if (spec.use == CertificateUse::authority) {
    return refused("an authority here signs its own certificate");
  }
  if (spec.not_before < issuer.not_before || spec.not_after > issuer.not_after) {
    return refused("the authority's certificate is valid from " + to_rfc3339(issuer.not_before) +
                   " to " + to_rfc3339(issuer.not_after) + " only");
  }
  return ok();
}

}  // namespace

Result<Bytes> build_certificate(const CertificateSpec& spec, const CertificateFields* issuer,
                                KeyDevice& signer) {
  TS_CHECK(check_names(spec));
  if (spec.not_after < spec.not_before)
    return refused("the certificate would end before it begins");
  TS_TRY(const Bytes signer_der, signer.public_key());
  TS_TRY(const PublicKey signer_key, PublicKey::from_der(signer_der));
  if (issuer != nullptr) {
    TS_CHECK(check_issuer(spec, *issuer, signer_key));
  } else if (!(signer_key == spec.public_key)) {
    return Error{Code::device_certificate, "only a key itself signs its own certificate", ""};
  }
  const Bytes serial = random_serial();
  const Bytes times = validity(spec);
  const Bytes more = extensions(spec, issuer);
  const Bytes& issuer_name = issuer == nullptr ? spec.subject : issuer->subject;
  const Bytes content =
      der::element(der::sequence, {version_3, serial, algorithm_of(signer_key.kind()), issuer_name,
                                   times, spec.subject, spec.public_key.der(), more});
  return signed_by(signer, signer_key, content);
}

Result<Bytes> build_certificate_request(const CertificateSpec& spec, KeyDevice& signer) {
  TS_CHECK(check_names(spec));
  TS_TRY(const Bytes signer_der, signer.public_key());
  TS_TRY(const PublicKey signer_key, PublicKey::from_der(signer_der));
  if (!(signer_key == spec.public_key)) {
    return Error{Code::device_certificate, "only a key itself signs a request for it", ""};
  }
  const Bytes wanted = der::element(der::sequence, {common_extensions(spec)});
  const Bytes values = der::element(set_of, {wanted});
  const Bytes attribute = der::element(der::sequence, {ByteView(oid_extension_request), values});
  const Bytes attributes = der::element(context_0, {attribute});
  const Bytes content = der::element(
      der::sequence, {request_version, spec.subject, spec.public_key.der(), attributes});
  return signed_by(signer, signer_key, content);
}

}  // namespace touchstone::crypto
