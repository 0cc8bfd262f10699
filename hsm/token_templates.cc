#include "hsm/token_templates.h"

#include <array>

#include "base/der.h"
#include "base/der_writer.h"

namespace touchstone::hsm {
namespace {

namespace at = ck::attribute;

// RFC 5480 section 2.1.1.1, with tag and length.
constexpr std::array<std::uint8_t, 10> secp256r1 = {0x06, 0x08, 0x2A, 0x86, 0x48,
                                                    0xCE, 0x3D, 0x03, 0x01, 0x07};
constexpr std::array<std::uint8_t, 7> secp384r1 = {0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22};
constexpr std::array<std::uint8_t, 7> secp521r1 = {0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23};
// PKCS#11 v3.0 section 2.3.10: the curve as a PrintableString, or by its OID.
constexpr std::array<std::uint8_t, 14> printable_edwards25519 = {
    0x13, 0x0C, 'e', 'd', 'w', 'a', 'r', 'd', 's', '2', '5', '5', '1', '9'};
constexpr std::array<std::uint8_t, 5> id_ed25519 = {0x06, 0x03, 0x2B, 0x65, 0x70};
constexpr std::array<std::uint8_t, 3> f4 = {0x01, 0x00, 0x01};

struct Kind {
  ck::Ulong key_type;
  ck::Ulong generation;
  std::vector<ByteView> curves;  // spellings of CKA_EC_PARAMS; one empty view for RSA
};

Kind kind_of(crypto::KeyKind kind) {
  switch (kind) {
    case crypto::KeyKind::p256:
      return {ck::key_type::ec, ck::mechanism::ec_key_pair_gen, {secp256r1}};
    case crypto::KeyKind::p384:
      return {ck::key_type::ec, ck::mechanism::ec_key_pair_gen, {secp384r1}};
    case crypto::KeyKind::p521:
      return {ck::key_type::ec, ck::mechanism::ec_key_pair_gen, {secp521r1}};
    case crypto::KeyKind::ed25519:
      return {ck::key_type::ec_edwards,
              ck::mechanism::ec_edwards_key_pair_gen,
              {printable_edwards25519, id_ed25519}};
    case crypto::KeyKind::rsa:
      return {ck::key_type::rsa, ck::mechanism::rsa_pkcs_key_pair_gen, {ByteView()}};
  }
  return {};
}

KeyTemplates common_halves(const Kind& kind, PinPolicy pin, const ObjectName& name) {
  KeyTemplates halves;
  halves.mechanism = kind.generation;
  halves.public_half.number(at::object_class, ck::object_class::public_key)
      .number(at::key_type, kind.key_type)
      .flag(at::token, true)
      .flag(at::is_private, false)
      .flag(at::verify, true)
      .bytes(at::label, as_bytes(name.label))
      .bytes(at::id, name.id);
  halves.private_half.number(at::object_class, ck::object_class::private_key)
      .number(at::key_type, kind.key_type)
      .flag(at::token, true)
      .flag(at::is_private, true)
      .flag(at::sensitive, true)
      .flag(at::extractable, false)
      .flag(at::sign, true)
      .bytes(at::label, as_bytes(name.label))
      .bytes(at::id, name.id);
  if (kind.key_type == ck::key_type::rsa) {
    halves.private_half.flag(at::decrypt, false).flag(at::unwrap, false);
  }
  if (pin == PinPolicy::always) halves.private_half.flag(at::always_authenticate, true);
  return halves;
}

}  // namespace

Template& Template::bytes(ck::Ulong type, ByteView value) {
  Bytes& kept = values_.emplace_back(value.begin(), value.end());
  attributes_.push_back({type, kept.data(), kept.size()});
  return *this;
}

Template& Template::flag(ck::Ulong type, bool value) {
  const std::array<std::uint8_t, 1> octet = {static_cast<std::uint8_t>(value ? 1 : 0)};
  return bytes(type, octet);
}

Template& Template::number(ck::Ulong type, ck::Ulong value) {
  return bytes(type, ByteView(reinterpret_cast<const std::uint8_t*>(&value), sizeof value));
}

Template& Template::secret(ck::Ulong type, const Secret& value) {
  attributes_.push_back({type, const_cast<char*>(value.reveal().data()), value.size()});
  return *this;
}

std::vector<KeyTemplates> templates_to_generate(const KeySpec& spec, const ObjectName& name) {
  const Kind kind = kind_of(spec.kind);
  std::vector<KeyTemplates> all;
  for (const ByteView curve : kind.curves) {
    KeyTemplates& halves = all.emplace_back(common_halves(kind, spec.policies.pin, name));
    if (spec.kind == crypto::KeyKind::rsa) {
      halves.public_half.number(at::modulus_bits, static_cast<ck::Ulong>(spec.rsa_bits))
          .bytes(at::public_exponent, f4);
    } else {
      halves.public_half.bytes(at::ec_params, curve);
    }
  }
  return all;
}

std::vector<KeyTemplates> templates_to_import(crypto::KeyKind key_kind,
                                              const crypto::KeyNumbers& numbers, PinPolicy pin,
                                              const ObjectName& name) {
  const Kind kind = kind_of(key_kind);
  const Bytes point = der::element(der::octet_string, {numbers.point});
  std::vector<KeyTemplates> all;
  for (const ByteView curve : kind.curves) {
    KeyTemplates& halves = all.emplace_back(common_halves(kind, pin, name));
    if (key_kind == crypto::KeyKind::rsa) {
      halves.public_half.bytes(at::modulus, numbers.modulus)
          .bytes(at::public_exponent, numbers.public_exponent);
      halves.private_half.bytes(at::modulus, numbers.modulus)
          .bytes(at::public_exponent, numbers.public_exponent)
          .secret(at::private_exponent, numbers.private_exponent)
          .secret(at::prime_1, numbers.prime1)
          .secret(at::prime_2, numbers.prime2)
          .secret(at::exponent_1, numbers.exponent1)
          .secret(at::exponent_2, numbers.exponent2)
          .secret(at::coefficient, numbers.coefficient);
    } else {
      halves.public_half.bytes(at::ec_params, curve).bytes(at::ec_point, point);
      halves.private_half.bytes(at::ec_params, curve).secret(at::value, numbers.scalar);
    }
  }
  return all;
}

Template certificate_template(const crypto::CertificateFields& certificate,
                              const ObjectName& name) {
  Template object;
  object.number(at::object_class, ck::object_class::certificate)
      .number(at::certificate_type, ck::certificate_type::x509)
      .flag(at::token, true)
      .flag(at::is_private, false)
      .bytes(at::label, as_bytes(name.label))
      .bytes(at::id, name.id)
      .bytes(at::subject, certificate.subject)
      .bytes(at::issuer, certificate.issuer)
      .bytes(at::serial_number, certificate.serial)
      .bytes(at::value, certificate.der);
  return object;
}

}  // namespace touchstone::hsm
