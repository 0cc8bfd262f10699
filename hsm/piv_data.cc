#include "hsm/piv_data.h"

#include <openssl/x509v3.h>

#include <array>

#include "base/der.h"
#include "base/der_writer.h"
#include "base/text.h"
#include "crypto/openssl.h"
#include "hsm/piv_algorithm.h"
#include "hsm/spki.h"

namespace touchstone::hsm {
namespace {

// In ADMIN DATA, as Yubico's tools write it.
constexpr std::uint8_t admin_flags = 0x81;
constexpr std::uint8_t admin_salt = 0x82;
constexpr std::uint8_t flag_key_behind_pin = 0x02;

constexpr const char* policies_oid = "1.3.6.1.4.1.41482.3.8";

// 4 and 5 are the YubiKey Bio's: a finger, or the PIN in its place.
PinPolicy pin_policy(std::uint8_t value) {
  switch (value) {
    case 1:
      return PinPolicy::never;
    case 2:
    case 4:
      return PinPolicy::once;
    case 3:
    case 5:
      return PinPolicy::always;
    default:
      return PinPolicy::unspecified;
  }
}

TouchPolicy touch_policy(std::uint8_t value) {
  switch (value) {
    case 0:  // the default, which is never
    case 1:
      return TouchPolicy::never;
    case 2:
      return TouchPolicy::always;
    case 3:
      return TouchPolicy::cached;
    default:
      return TouchPolicy::unknown;
  }
}

// The content of an element within an element, each alone or first in its place.
std::optional<ByteView> inside(ByteView answer, std::uint8_t outer_tag, std::uint8_t inner_tag) {
  Reader object(answer);
  const auto content = der::expect(object, 0x53);
  if (!content || !object.at_end()) return std::nullopt;
  Reader outer(*content);
  const auto list = der::expect(outer, outer_tag);
  if (!list) return std::nullopt;
  Reader inner(*list);
  while (!inner.at_end()) {
    const auto element = der::next(inner);
    if (!element) return std::nullopt;
    if (element->tag == inner_tag) return element->content;
  }
  return std::nullopt;
}

std::optional<std::array<std::uint8_t, 2>> two_bytes(ByteView value) {
  if (value.size() != 2) return std::nullopt;
  return std::array{value[0], value[1]};
}

void read_policies(const X509* certificate, CertificateFacts& facts) {
  const crypto::Handle<ASN1_OBJECT, ASN1_OBJECT_free> oid(OBJ_txt2obj(policies_oid, 1));
  const int at = X509_get_ext_by_OBJ(certificate, oid.get(), -1);
  if (at < 0) return;
  const ASN1_OCTET_STRING* content = X509_EXTENSION_get_data(X509_get_ext(certificate, at));
  const auto values = two_bytes(
      {ASN1_STRING_get0_data(content), static_cast<std::size_t>(ASN1_STRING_length(content))});
  if (!values) return;
  facts.pin = pin_policy((*values)[0]);
  facts.touch = touch_policy((*values)[1]);
}

std::string name_text(const X509_NAME* name) {
  const crypto::Bio memory(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return printable({text, static_cast<std::size_t>(size)});
}

std::optional<Secret> secret_inside(ByteView answer, std::uint8_t outer, std::uint8_t tag) {
  const auto secret = inside(answer, outer, tag);
  if (!secret || secret->empty() || secret->size() > Secret::capacity) return std::nullopt;
  return Secret(as_text(*secret));
}

}  // namespace

std::optional<Bytes> spki_of_numbers(std::uint8_t algorithm, ByteView numbers) {
  const PivAlgorithm* known = find_piv_algorithm(algorithm);
  if (known == nullptr) return std::nullopt;
  Reader reader(numbers);
  if (known->kind == crypto::KeyKind::rsa) {
    const auto modulus = der::expect(reader, 0x81);
    const auto exponent = modulus ? der::expect(reader, 0x82) : std::nullopt;
    if (!exponent || !reader.at_end()) return std::nullopt;
    return rsa_spki(*modulus, *exponent);
  }
  const auto point = der::expect(reader, 0x86);
  if (!point || !reader.at_end()) return std::nullopt;
  return known->kind == crypto::KeyKind::ed25519 ? ed25519_spki(*point)
                                                 : ec_spki(known->kind, *point);
}

std::optional<SlotMetadata> SlotMetadata::parse(ByteView answer) {
  SlotMetadata metadata;
  std::optional<ByteView> numbers;
  Reader reader(answer);
  while (!reader.at_end()) {
    const auto element = der::next(reader);
    if (!element) return std::nullopt;
    const ByteView value = element->content;
    switch (element->tag) {
      case 0x01:
        if (value.size() != 1) return std::nullopt;
        metadata.algorithm = value[0];
        break;
      case 0x02: {
        const auto policies = two_bytes(value);
        if (!policies) return std::nullopt;
        metadata.pin = pin_policy((*policies)[0]);
        metadata.touch = touch_policy((*policies)[1]);
        break;
      }
      case 0x03:
        if (value.size() != 1) return std::nullopt;
        if (value[0] == 1) metadata.origin = Origin::generated;
        if (value[0] == 2) metadata.origin = Origin::imported;
        break;
      case 0x04:
        numbers = value;
        break;
      default:
        break;  // later firmware may tell more
    }
  }
  if (metadata.algorithm && numbers) {
    metadata.public_key = spki_of_numbers(*metadata.algorithm, *numbers).value_or(Bytes());
  }
  return metadata;
}

std::optional<PinMetadata> PinMetadata::parse(ByteView answer) {
  PinMetadata metadata;
  bool has_tries = false;
  Reader reader(answer);
  while (!reader.at_end()) {
    const auto element = der::next(reader);
    if (!element) return std::nullopt;
    if (element->tag == 0x05) {
      metadata.factory_value = element->content.size() == 1 && element->content[0] == 1;
    }
    if (element->tag == 0x06) {
      const auto tries = two_bytes(element->content);
      if (!tries) return std::nullopt;
      metadata.tries_in_all = (*tries)[0];
      metadata.tries_left = (*tries)[1];
      has_tries = true;
    }
  }
  if (!has_tries) return std::nullopt;
  return metadata;
}

std::optional<ManagementMetadata> ManagementMetadata::parse(ByteView answer) {
  ManagementMetadata metadata;
  Reader reader(answer);
  while (!reader.at_end()) {
    const auto element = der::next(reader);
    if (!element) return std::nullopt;
    const ByteView value = element->content;
    if (element->tag == 0x01) {
      if (value.size() != 1) return std::nullopt;
      metadata.cipher = management_cipher(value[0]);
    }
    if (element->tag == 0x02) {
      const auto policies = two_bytes(value);
      if (!policies) return std::nullopt;
      metadata.touch = touch_policy((*policies)[1]);
    }
    if (element->tag == 0x05) metadata.factory_value = value.size() == 1 && value[0] == 1;
  }
  return metadata;
}

bool is_management_key_behind_pin(ByteView answer) {
  const auto flags = inside(answer, 0x80, admin_flags);
  return flags && flags->size() == 1 && ((*flags)[0] & flag_key_behind_pin) != 0;
}

std::optional<Bytes> object_content(ByteView answer) {
  Reader object(answer);
  const auto content = der::expect(object, 0x53);
  if (!content || !object.at_end()) return std::nullopt;
  return Bytes(content->begin(), content->end());
}

std::optional<Bytes> admin_data_with_key_behind_pin(const std::optional<Bytes>& now) {
  Bytes flags = {flag_key_behind_pin};
  Bytes others;
  if (now) {
    const auto content = object_content(*now);
    if (!content) return std::nullopt;
    Reader outer(*content);
    const auto list = der::expect(outer, 0x80);
    if (!list || !outer.at_end()) return std::nullopt;
    for (Reader inner(*list); !inner.at_end();) {
      const auto element = der::next(inner);
      if (!element) return std::nullopt;
      if (element->tag == admin_flags) {
        if (element->content.size() != 1) return std::nullopt;
        flags[0] |= element->content[0];
      } else if (element->tag != admin_salt) {
        others.insert(others.end(), element->whole.begin(), element->whole.end());
      }
    }
  }
  return der::element(0x80, {der::element(admin_flags, {flags}), others});
}

std::optional<Secret> management_key_behind_pin(ByteView answer) {
  return secret_inside(answer, 0x88, 0x89);
}

std::optional<Secret> next_management_key_behind_pin(ByteView answer) {
  return secret_inside(answer, 0x88, 0x8A);
}

std::optional<Bytes> spki_of_made_key(std::uint8_t algorithm, ByteView answer) {
  // Its tag is the one of two bytes in all of PIV; read as the sequence that it is.
  if (answer.size() < 2 || answer[0] != 0x7F || answer[1] != 0x49) return std::nullopt;
  Bytes sequence = {der::sequence};
  sequence.insert(sequence.end(), answer.begin() + 2, answer.end());
  Reader reader(sequence);
  const auto numbers = der::expect(reader, der::sequence);
  if (!numbers || !reader.at_end()) return std::nullopt;
  return spki_of_numbers(algorithm, *numbers);
}

std::optional<Bytes> signature_of_answer(ByteView answer) {
  Reader outer(answer);
  const auto content = der::expect(outer, 0x7C);
  if (!content || !outer.at_end()) return std::nullopt;
  Reader inner(*content);
  const auto signature = der::expect(inner, 0x82);
  if (!signature || signature->empty() || !inner.at_end()) return std::nullopt;
  return Bytes(signature->begin(), signature->end());
}

std::optional<StoredCertificate> StoredCertificate::parse(ByteView answer) {
  Reader outer(answer);
  const auto content = der::expect(outer, 0x53);
  if (!content || !outer.at_end()) return std::nullopt;
  StoredCertificate stored;
  Reader inner(*content);
  while (!inner.at_end()) {
    const auto element = der::next(inner);
    if (!element) return std::nullopt;
    if (element->tag == 0x70) stored.der = Bytes(element->content.begin(), element->content.end());
    if (element->tag == 0x71) {
      if (element->content.size() != 1) return std::nullopt;
      stored.compressed = (element->content[0] & 0x01) != 0;
    }
  }
  if (stored.der.empty()) return std::nullopt;
  return stored;
}

Bytes StoredCertificate::content(ByteView der) {
  Bytes out = der::element(0x70, {der});
  out.insert(out.end(), {0x71, 0x01, 0x00, 0xFE, 0x00});
  return out;
}

std::optional<CertificateFacts> CertificateFacts::parse(ByteView der) {
  const unsigned char* cursor = der.data();
  const crypto::X509Handle parsed(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  CertificateFacts facts;
  if (parsed != nullptr && cursor == der.data() + der.size()) {
    unsigned char* spki = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(parsed.get()), &spki);
    if (size > 0) facts.public_key = Bytes(spki, spki + size);
    OPENSSL_free(spki);
    facts.subject = name_text(X509_get_subject_name(parsed.get()));
    read_policies(parsed.get(), facts);
  }
  (void)crypto::drain_errors();
  if (facts.public_key.empty()) return std::nullopt;
  return facts;
}

}  // namespace touchstone::hsm
