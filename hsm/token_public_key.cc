#include "hsm/token_public_key.h"

#include <algorithm>
#include <array>

#include "base/der.h"
#include "crypto/openssl.h"
#include "hsm/spki.h"

namespace touchstone::hsm {
namespace {

using MaybeKey = std::optional<crypto::PublicKey>;

// Curves by the OID's DER (RFC 5480 section 2.1.1.1).
struct Curve {
  std::array<std::uint8_t, 10> oid;
  std::size_t oid_size;
  crypto::KeyKind kind;
};
constexpr std::array<Curve, 3> curves = {{
    {{0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07}, 10, crypto::KeyKind::p256},
    {{0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22}, 7, crypto::KeyKind::p384},
    {{0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23}, 7, crypto::KeyKind::p521},
}};
constexpr std::array<std::uint8_t, 5> id_ed25519 = {0x06, 0x03, 0x2B, 0x65, 0x70};
// PKCS#11 v3.0 section 2.3.10: the curve as a PrintableString.
constexpr std::array<std::uint8_t, 14> printable_edwards25519 = {
    0x13, 0x0C, 'e', 'd', 'w', 'a', 'r', 'd', 's', '2', '5', '5', '1', '9'};

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
  const auto spki = rsa_spki(*modulus, *exponent);
  if (!spki) return unsupported("is too long");
  return from_spki(*spki);
}

Result<MaybeKey> ec_key(TokenSession& session, ck::Object key) {
  TS_TRY(const auto parameters, session.attribute(key, ck::attribute::ec_params));
  TS_TRY(const auto point, session.attribute(key, ck::attribute::ec_point));
  if (!parameters || !point || point->empty()) return MaybeKey();
  for (const Curve& curve : curves) {
    const ByteView oid = ByteView(curve.oid).first(curve.oid_size);
    if (!std::ranges::equal(oid, *parameters)) continue;
    const auto spki = ec_spki(curve.kind, unwrapped(*point, 1 + 2 * coordinate_bytes(curve.kind)));
    if (!spki) return unsupported("has a point of the wrong size");
    return from_spki(*spki);
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
  const auto spki = ed25519_spki(unwrapped(*point, 32));
  if (!spki) return unsupported("has a point of the wrong size");
  return from_spki(*spki);
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
