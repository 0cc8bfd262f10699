#include "hsm/token_public_key.h"

#include <algorithm>
#include <array>

#include "base/der.h"
#include "base/der_writer.h"
#include "crypto/openssl.h"

namespace touchstone::hsm {
namespace {

using MaybeKey = std::optional<crypto::PublicKey>;

// Curves by the OID's DER (RFC 5480 section 2.1.1.1), with the bytes of one coordinate.
struct Curve {
  std::array<std::uint8_t, 10> oid;
  std::size_t oid_size;
  std::size_t coordinate;
};
constexpr std::array<Curve, 3> curves = {{
    {{0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07}, 10, 32},
    {{0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22}, 7, 48},
    {{0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23}, 7, 66},
}};
constexpr std::array<std::uint8_t, 9> id_ec_public_key = {0x06, 0x07, 0x2A, 0x86, 0x48,
                                                          0xCE, 0x3D, 0x02, 0x01};
constexpr std::array<std::uint8_t, 5> id_ed25519 = {0x06, 0x03, 0x2B, 0x65, 0x70};
constexpr std::array<std::uint8_t, 13> rsa_algorithm = {0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7,
                                                        0x0D, 0x01, 0x01, 0x01, 0x05, 0x00};
// PKCS#11 v3.0 section 2.3.10: the curve as a PrintableString.
constexpr std::array<std::uint8_t, 14> printable_edwards25519 = {
    0x13, 0x0C, 'e', 'd', 'w', 'a', 'r', 'd', 's', '2', '5', '5', '1', '9'};

Bytes subject_public_key_info(std::initializer_list<ByteView> algorithm, ByteView key) {
  const Bytes identifier = der::element(der::sequence, algorithm);
  const Bytes bits = der::bits(key);
  return der::element(der::sequence, {identifier, bits});
}

// The point itself: `point` when it has that size, else the content of an OCTET STRING around it.
ByteView unwrapped(ByteView point, std::size_t size) {
  if (point.size() == size) return point;
  Reader reader(point);
  const auto content = der::expect(reader, der::octet_string);
  return content && reader.at_end() ? *content : ByteView();
}

Error unsupported(std::string_view why) {
  return Error{Code::device_algorithm, "the key on the token " + std::string(why), ""};
}

Result<MaybeKey> from_spki(const Bytes& spki) {
  auto key = crypto::PublicKey::from_der(spki);
  if (!key) return unsupported("is not usable: " + key.error().message);
  return MaybeKey(*std::move(key));
}

Result<MaybeKey> rsa_key(TokenSession& session, ck::Object key) {
  TS_TRY(const auto modulus, session.attribute(key, ck::attribute::modulus));
  TS_TRY(const auto exponent, session.attribute(key, ck::attribute::public_exponent));
  if (!modulus || modulus->empty() || !exponent || exponent->empty()) return MaybeKey();
  if (modulus->size() > 4096 || exponent->size() > 4096) return unsupported("is too long");
  const Bytes numbers = der::element(
      der::sequence, {der::unsigned_number(*modulus), der::unsigned_number(*exponent)});
  return from_spki(subject_public_key_info({rsa_algorithm}, numbers));
}

Result<MaybeKey> ec_key(TokenSession& session, ck::Object key) {
  TS_TRY(const auto parameters, session.attribute(key, ck::attribute::ec_params));
  TS_TRY(const auto point, session.attribute(key, ck::attribute::ec_point));
  if (!parameters || !point || point->empty()) return MaybeKey();
  for (const Curve& curve : curves) {
    const ByteView oid = ByteView(curve.oid).first(curve.oid_size);
    if (!std::ranges::equal(oid, *parameters)) continue;
    const std::size_t size = 1 + 2 * curve.coordinate;
    const ByteView bare = unwrapped(*point, size);
    if (bare.size() != size) return unsupported("has a point of the wrong size");
    return from_spki(subject_public_key_info({id_ec_public_key, oid}, bare));
  }
  return unsupported("is on a curve that is not supported");
}

Result<MaybeKey> edwards_key(TokenSession& session, ck::Object key) {
  TS_TRY(const auto parameters, session.attribute(key, ck::attribute::ec_params));
  TS_TRY(const auto point, session.attribute(key, ck::attribute::ec_point));
  if (!parameters || !point || point->empty()) return MaybeKey();
  if (!std::ranges::equal(*parameters, id_ed25519) &&
      !std::ranges::equal(*parameters, printable_edwards25519)) {
    return unsupported("is on a curve that is not supported");
  }
  const ByteView bare = unwrapped(*point, 32);
  if (bare.size() != 32) return unsupported("has a point of the wrong size");
  return from_spki(subject_public_key_info({id_ed25519}, bare));
}

}  // namespace

Result<MaybeKey> public_key_of_key(TokenSession& session, ck::Object key) {
  TS_TRY(const auto info, session.attribute(key, ck::attribute::public_key_info));
  if (info && !info->empty()) return from_spki(*info);
  TS_TRY(const auto type, session.number(key, ck::attribute::key_type));
  if (!type) return MaybeKey();
  switch (*type) {
    case ck::key_type::rsa:
      return rsa_key(session, key);
    case ck::key_type::ec:
      return ec_key(session, key);
    case ck::key_type::ec_edwards:
      return edwards_key(session, key);
    default:
      return unsupported("is of a kind that is not supported");
  }
}

Result<MaybeKey> public_key_of_certificate(TokenSession& session, ck::Object certificate) {
  TS_TRY(const auto der, session.attribute(certificate, ck::attribute::value));
  if (!der || der->empty()) return MaybeKey();
  const unsigned char* cursor = der->data();
  const crypto::X509Handle parsed(d2i_X509(nullptr, &cursor, static_cast<long>(der->size())));
  unsigned char* spki = nullptr;
  const int size = parsed == nullptr || cursor != der->data() + der->size()
                       ? -1
                       : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(parsed.get()), &spki);
  (void)crypto::drain_errors();
  if (size <= 0) return unsupported("has a malformed certificate");
  const Bytes bytes(spki, spki + size);
  OPENSSL_free(spki);
  return from_spki(bytes);
}

Result<MaybeKey> certificate_key(TokenSession& session, const std::optional<std::string>& label,
                                 const std::optional<Bytes>& id) {
  TS_TRY(const auto found, session.find(ck::object_class::certificate, label, id));
  MaybeKey agreed;
  for (const TokenObject& certificate : found) {
    TS_TRY(auto key, public_key_of_certificate(session, certificate.handle));
    if (!key) continue;
    if (agreed && !(*agreed == *key)) return MaybeKey();
    agreed = std::move(key);
  }
  return agreed;
}

Result<MaybeKey> find_public_key(TokenSession& session, const Bytes& id, const std::string& label,
                                 std::optional<ck::Object> private_key) {
  // CKA_ID joins the halves of a key (PKCS#11 v2.40 section 4.7); without one, the label has to.
  const auto by_id = id.empty() ? std::optional<Bytes>() : std::optional(id);
  const auto by_label = id.empty() ? std::optional(label) : std::optional<std::string>();
  TS_TRY(const auto found, session.find(ck::object_class::public_key, by_label, by_id));
  if (found.size() == 1) return public_key_of_key(session, found.front().handle);
  if (private_key) {
    TS_TRY(auto key, public_key_of_key(session, *private_key));
    if (key) return key;
  }
  return certificate_key(session, by_label, by_id);
}

}  // namespace touchstone::hsm
