#include "crypto/certificate_fields.h"

#include <openssl/x509v3.h>
#include <time.h>

#include "base/text.h"
#include "crypto/openssl.h"
#include "crypto/pem.h"

namespace touchstone::crypto {
namespace {

Error malformed(std::string_view why) { return Error{Code::format_key, std::string(why), ""}; }

template <class T, class Encode>
Bytes encoded(const T* value, Encode encode) {
  std::uint8_t* der = nullptr;
  const int size = encode(value, &der);
  Bytes bytes(der, der + (size > 0 ? size : 0));
  OPENSSL_free(der);
  return bytes;
}

std::string shown(const X509_NAME* name) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) {
    return "";
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return printable(std::string_view(text, static_cast<std::size_t>(size)));
}

std::optional<std::chrono::sys_seconds> time_of(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(timegm(&parts)));
}

}  // namespace

Result<CertificateFields> CertificateFields::parse(ByteView der) {
  const std::uint8_t* cursor = der.data();
  const X509Handle parsed(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  drain_errors();
  if (!parsed || cursor != der.data() + der.size()) return malformed("not one X.509 certificate");
  const auto not_before = time_of(X509_get0_notBefore(parsed.get()));
  const auto not_after = time_of(X509_get0_notAfter(parsed.get()));
  if (!not_before || !not_after) return malformed("a certificate whose times are malformed");
  TS_TRY(auto key,
         PublicKey::from_der(encoded(X509_get_X509_PUBKEY(parsed.get()), i2d_X509_PUBKEY)));
  const ASN1_OCTET_STRING* identifier = X509_get0_subject_key_id(parsed.get());
  const bool may_sign = (X509_get_key_usage(parsed.get()) & KU_KEY_CERT_SIGN) != 0;
  CertificateFields fields{
      .der = Bytes(der.begin(), der.end()),
      .subject = encoded(X509_get_subject_name(parsed.get()), i2d_X509_NAME),
      .issuer = encoded(X509_get_issuer_name(parsed.get()), i2d_X509_NAME),
      .serial = encoded(X509_get0_serialNumber(parsed.get()), i2d_ASN1_INTEGER),
      .key_identifier = {},
      .subject_text = shown(X509_get_subject_name(parsed.get())),
      .issuer_text = shown(X509_get_issuer_name(parsed.get())),
      .public_key = std::move(key),
      .not_before = *not_before,
      .not_after = *not_after,
      .may_issue = X509_check_ca(parsed.get()) == 1 && may_sign,
  };
  if (identifier != nullptr) {
    const std::uint8_t* octets = ASN1_STRING_get0_data(identifier);
    fields.key_identifier.assign(octets, octets + ASN1_STRING_length(identifier));
  }
  drain_errors();
  return fields;
}

Result<CertificateFields> CertificateFields::from_file(ByteView contents) {
  if (!looks_like_pem(contents)) return parse(contents);
  TS_TRY(const PemBlock block, parse_pem(contents));
  if (block.type != "CERTIFICATE") return malformed("a PEM block that is no certificate");
  return parse(block.der);
}

std::string CertificateFields::pem() const { return to_pem("CERTIFICATE", der); }

}  // namespace touchstone::crypto
