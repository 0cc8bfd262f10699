#include "hsm/spki.h"

#include <algorithm>
#include <array>

#include "base/der.h"
#include "base/der_writer.h"

namespace touchstone::hsm {
namespace {

using crypto::KeyKind;

constexpr std::size_t max_number_bytes = 4096;

constexpr std::array<std::uint8_t, 9> id_ec_public_key = {0x06, 0x07, 0x2A, 0x86, 0x48,
                                                          0xCE, 0x3D, 0x02, 0x01};
constexpr std::array<std::uint8_t, 10> secp256r1 = {0x06, 0x08, 0x2A, 0x86, 0x48,
                                                    0xCE, 0x3D, 0x03, 0x01, 0x07};
constexpr std::array<std::uint8_t, 7> secp384r1 = {0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22};
constexpr std::array<std::uint8_t, 7> secp521r1 = {0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23};
constexpr std::array<std::uint8_t, 5> id_ed25519 = {0x06, 0x03, 0x2B, 0x65, 0x70};
constexpr std::array<std::uint8_t, 13> rsa_algorithm = {0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7,
                                                        0x0D, 0x01, 0x01, 0x01, 0x05, 0x00};

Bytes spki(std::initializer_list<ByteView> algorithm, ByteView key) {
  const Bytes identifier = der::element(der::sequence, algorithm);
  const Bytes bits = der::bits(key);
  return der::element(der::sequence, {identifier, bits});
}

ByteView curve_oid(KeyKind curve) {
  if (curve == KeyKind::p256) return secp256r1;
  if (curve == KeyKind::p384) return secp384r1;
  return secp521r1;
}

}  // namespace

std::size_t coordinate_bytes(KeyKind curve) {
  switch (curve) {
    case KeyKind::p256:
      return 32;
    case KeyKind::p384:
      return 48;
    case KeyKind::p521:
      return 66;
    default:
      return 0;
  }
}

std::optional<Bytes> rsa_spki(ByteView modulus, ByteView exponent) {
  if (modulus.empty() || modulus.size() > max_number_bytes || exponent.empty() ||
      exponent.size() > max_number_bytes) {
    return std::nullopt;
  }
  const Bytes numbers =
      der::element(der::sequence, {der::unsigned_number(modulus), der::unsigned_number(exponent)});
  return spki({rsa_algorithm}, numbers);
}

std::optional<Bytes> ec_spki(KeyKind curve, ByteView point) {
  const std::size_t coordinate = coordinate_bytes(curve);
  if (coordinate == 0 || point.size() != 1 + 2 * coordinate) return std::nullopt;
  return spki({id_ec_public_key, curve_oid(curve)}, point);
}

std::optional<Bytes> ed25519_spki(ByteView point) {
  if (point.size() != 32) return std::nullopt;
  return spki({id_ed25519}, point);
}

}  // namespace touchstone::hsm
