#include "crypto/certificate.h"

#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/der.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/asn1_time.h"
#include "crypto/openssl.h"
#include "crypto/pem.h"
#include "crypto/verifying_context.h"

namespace touchstone::crypto {
namespace {

using GeneralNames = Handle<GENERAL_NAMES, GENERAL_NAMES_free>;
using Purposes = Handle<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;

constexpr std::string_view certificate_type = "CERTIFICATE";
constexpr std::string_view fulcio_user_name = "1.3.6.1.4.1.57264.1.7";
constexpr int version_3 = 2;

Error malformed(std::string_view why) {
  return Error{Code::certificate_malformed, "a certificate is malformed: " + std::string(why), ""};
}

std::string_view text_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

// OpenSSL reads BER. Every constructed element must hold nothing but DER.
bool is_der(ByteView bytes, std::size_t depth) {
  constexpr std::uint8_t constructed = 0x20;
  constexpr std::uint8_t boolean = 0x01;
  Reader reader(bytes);
  while (!reader.at_end()) {
    const auto element = der::next(reader);
    if (!element) return false;
    if (element->tag == boolean) {
      if (element->content.size() != 1) return false;
      if (element->content[0] != 0x00 && element->content[0] != 0xFF) return false;
    }
    if ((element->tag & constructed) == 0) continue;
    if (depth == 0 || !is_der(element->content, depth - 1)) return false;
  }
  return true;
}

// RFC 5280 section 4.1.2.5: UTCTime until 2049 and GeneralizedTime from 2050 on.
std::optional<std::chrono::sys_seconds> time_of(const ASN1_TIME* time) {
  constexpr std::chrono::sys_days in_2050{std::chrono::year(2050) / std::chrono::January / 1};
  const std::string_view text = text_of(time);
  if (ASN1_STRING_type(time) == V_ASN1_UTCTIME) return parse_utc_time(text);
  if (ASN1_STRING_type(time) != V_ASN1_GENERALIZEDTIME) return std::nullopt;
  const auto parsed = parse_generalized_time(text);
  return parsed && *parsed >= in_2050 ? parsed : std::nullopt;
}

// Each extension once, and none beyond the limit.
Status check_extensions(const X509* certificate) {
  const int count = X509_get_ext_count(certificate);
  if (count > static_cast<int>(limits::max_certificate_extensions)) {
    return malformed("too many extensions");
  }
  for (int i = 0; i < count; ++i) {
    const ASN1_OBJECT* object = X509_EXTENSION_get_object(X509_get_ext(certificate, i));
    if (X509_get_ext_by_OBJ(certificate, object, i) != -1) return malformed("an extension twice");
  }
  return ok();
}

Status check_serial(const X509* certificate) {
  constexpr int most_octets = 20;  // RFC 5280 section 4.1.2.2
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate);
  const std::string_view magnitude = text_of(serial);
  const bool zero = std::ranges::all_of(magnitude, [](char c) { return c == 0; });
  if (ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER || zero || magnitude.size() > most_octets) {
    return malformed("a serial number that is not positive or over 20 octets");
  }
  return ok();
}

Status check_algorithms(const X509* certificate) {
  const X509_ALGOR* outer = nullptr;
  X509_get0_signature(nullptr, &outer, certificate);
  if (X509_ALGOR_cmp(outer, X509_get0_tbs_sigalg(certificate)) != 0) {
    return malformed("its two signature algorithms differ");
  }
  return ok();
}

std::string dotted(const ASN1_OBJECT* object) {
  constexpr int dotted_always = 1;
  std::string text(limits::max_object_identifier_text, '\0');
  const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, dotted_always);
  if (size <= 0 || static_cast<std::size_t>(size) >= text.size()) return "";
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string name_text(const X509_NAME* name) {
  const Bio bio(BIO_new(BIO_s_mem()));
  char* data = nullptr;
  // Escaping of what is no ASCII is left to printable().
  if (!bio || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) {
    return "";
  }
  const long size = BIO_get_mem_data(bio.get(), &data);
  return printable(std::string_view(data, static_cast<std::size_t>(std::max(size, 0L))));
}

Result<AlternativeName> read_alternative_name(const GENERAL_NAME& general) {
  using Kind = AlternativeName::Kind;
  AlternativeName name{Kind::other, ""};
  bool ascii = true;
  switch (general.type) {
    case GEN_URI:
      name = {Kind::uri, std::string(text_of(general.d.uniformResourceIdentifier))};
      break;
    case GEN_EMAIL:
      name = {Kind::email, std::string(text_of(general.d.rfc822Name))};
      break;
    case GEN_DNS:
      name = {Kind::dns, std::string(text_of(general.d.dNSName))};
      break;
    case GEN_OTHERNAME:
      if (dotted(general.d.otherName->type_id) != fulcio_user_name ||
          general.d.otherName->value->type != V_ASN1_UTF8STRING) {
        return name;
      }
      name = {Kind::user, std::string(text_of(general.d.otherName->value->value.utf8string))};
      ascii = false;
      break;
    default:
      return name;
  }
  const bool clean =
      ascii ? std::ranges::all_of(name.value, [](char c) { return c > ' ' && c < 127; })
            : is_printable(name.value);
  if (name.value.empty() || !clean) return malformed("an alternative name that is no plain text");
  return name;
}

Result<std::vector<AlternativeName>> read_alternative_names(const X509* certificate) {
  int critical = 0;
  const GeneralNames names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nullptr)));
  std::vector<AlternativeName> list;
  if (!names && critical == -1) return list;
  if (!names) return malformed("its alternative names");
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    TS_TRY(AlternativeName name, read_alternative_name(*sk_GENERAL_NAME_value(names.get(), i)));
    list.push_back(std::move(name));
  }
  return list;
}

// `critical` becomes 1 for an extension that is critical, 0 for one that is not, and negative where
// there is none.
Result<std::optional<std::vector<std::string>>> read_purposes(const X509* certificate,
                                                              int& critical) {
  const Purposes found(static_cast<EXTENDED_KEY_USAGE*>(
      X509_get_ext_d2i(certificate, NID_ext_key_usage, &critical, nullptr)));
  if (!found && critical == -1) return std::optional<std::vector<std::string>>();
  if (!found) return malformed("its extended key usage");
  std::vector<std::string> list;
  for (int i = 0; i < sk_ASN1_OBJECT_num(found.get()); ++i) {
    list.push_back(dotted(sk_ASN1_OBJECT_value(found.get(), i)));
  }
  return std::optional(std::move(list));
}

Result<PublicKey> key_of(const X509* certificate) {
  std::uint8_t* encoded = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded);
  if (size <= 0) return malformed("its key");
  const Bytes spki(encoded, encoded + size);
  OPENSSL_free(encoded);
  auto key = PublicKey::from_der(spki);
  if (key) return key;
  if (key.error().code == Code::policy_weak_key) {
    return Error{Code::certificate_weak, "a certificate for " + key.error().message, ""};
  }
  return malformed(key.error().message);
}

}  // namespace

Result<Certificate> Certificate::from_der(ByteView der) {
  if (der.size() > limits::max_certificate_bytes) return malformed("it is too large");
  if (!is_der(der, limits::max_certificate_depth)) return malformed("it is no DER");
  X509* raw = X509_new_ex(verifying_library(), nullptr);
  const std::uint8_t* cursor = der.data();
  // Frees `raw` and makes it null when it fails.
  static_cast<void>(d2i_X509(&raw, &cursor, static_cast<long>(der.size())));
  const std::shared_ptr<X509> handle(raw, X509_free);
  if (!handle || cursor != der.data() + der.size()) {
    drain_errors();
    return malformed("it is no certificate, or something follows it");
  }
  if (X509_get_version(raw) != version_3) return malformed("its version is not 3");
  TS_CHECK(check_serial(raw));
  TS_CHECK(check_algorithms(raw));
  TS_CHECK(check_extensions(raw));
  constexpr int no_purpose = -1;  // only reads the extensions; one that is malformed fails this
  const bool extensions_read = X509_check_purpose(raw, no_purpose, 0) == 1;
  drain_errors();
  if (!extensions_read) return malformed("an extension");
  const auto not_before = time_of(X509_get0_notBefore(raw));
  const auto not_after = time_of(X509_get0_notAfter(raw));
  if (!not_before || !not_after) return malformed("its validity");
  TS_TRY(PublicKey key, key_of(raw));

  Facts facts{.handle = handle,
              .der = Bytes(der.begin(), der.end()),
              .key = std::move(key),
              .subject = name_text(X509_get_subject_name(raw)),
              .issuer = name_text(X509_get_issuer_name(raw)),
              .not_before = *not_before,
              .not_after = *not_after,
              .names = {},
              .key_usage = std::nullopt,
              .purposes = std::nullopt};
  TS_TRY(facts.names, read_alternative_names(raw));
  int critical = 0;
  TS_TRY(facts.purposes, read_purposes(raw, critical));
  facts.purposes_are_critical = critical == 1;
  const std::uint32_t flags = X509_get_extension_flags(raw);
  facts.is_authority = (flags & EXFLAG_CA) != 0;
  if ((flags & EXFLAG_KUSAGE) != 0) facts.key_usage = X509_get_key_usage(raw);
  drain_errors();
  return Certificate(std::move(facts));
}

bool Certificate::is_self_signed() const {
  const bool self_signed = X509_self_signed(handle(), 1) != 0;  // or it cannot be told
  drain_errors();
  return self_signed;
}

bool Certificate::is_signed_by(const Certificate& issuer) const {
  const std::lock_guard lock(facts_->memory->mutex);
  if (facts_->memory->issuer_key == issuer.key()) return true;
  EVP_PKEY* const key = X509_get0_pubkey(issuer.handle());
  const bool good = key != nullptr && X509_verify(handle(), key) == 1;  // 1, 0 or negative
  drain_errors();
  if (good) facts_->memory->issuer_key = issuer.key();
  return good;
}

void Certificate::assume_signed_by(const Certificate& issuer) const {
  const std::lock_guard lock(facts_->memory->mutex);
  facts_->memory->issuer_key = issuer.key();
}

Result<std::vector<Certificate>> Certificate::from_file(ByteView contents) {
  std::vector<Certificate> certificates;
  if (!looks_like_pem(contents)) {
    TS_TRY(Certificate single, from_der(contents));
    certificates.push_back(std::move(single));
    return certificates;
  }
  const auto blocks = parse_pem_blocks(contents, limits::max_certificates_in_file);
  if (!blocks) {
    if (blocks.error().code == Code::limit_count) return blocks.error();
    return malformed(blocks.error().message);
  }
  for (const PemBlock& block : *blocks) {
    // The type alone is named: a private key must not be shown.
    if (block.type != certificate_type) return malformed("a PEM block that is no certificate");
    TS_TRY(Certificate certificate, from_der(block.der));
    certificates.push_back(std::move(certificate));
  }
  return certificates;
}

std::string Certificate::pem() const { return to_pem(certificate_type, facts_->der); }

std::string Certificate::fingerprint() const { return digest_of(facts_->der).to_string(); }

}  // namespace touchstone::crypto
