// A certificate around extensions that are fuzzed: a target need not find all the rest first.
#pragma once

#include "base/bytes.h"
#include "base/der.h"
#include "base/der_writer.h"
#include "base/encoding.h"
#include "crypto/certificate.h"
#include "tests/fuzz/fuzz.h"

namespace touchstone::fuzz {

// The content of an OBJECT IDENTIFIER, and the value.
inline Bytes extension(ByteView identifier, ByteView value) {
  return der::element(der::sequence, {der::element(der::object_identifier, {identifier}),
                                      der::element(der::octet_string, {value})});
}

// A Name with this common name alone.
inline Bytes name(std::string_view common_name) {
  constexpr std::uint8_t set = 0x31;
  constexpr std::uint8_t utf8_string = 0x0C;
  const Bytes pair = der::element(
      der::sequence, {*from_hex("0603550403"), der::element(utf8_string, {as_bytes(common_name)})});
  return der::element(der::sequence, {der::element(set, {pair})});
}

// Signed by nobody; its key is the generator of P-256.
inline crypto::Certificate certificate_around(ByteView extensions,
                                              const Bytes& subject = {der::sequence, 0}) {
  constexpr std::uint8_t extensions_tag = 0xA3;
  const Bytes algorithm = *from_hex("300a06082a8648ce3d040302");
  const Bytes head = *from_hex(
      "a003020102"  // version 3
      "020101"      // serial number
      "300a06082a8648ce3d040302"
      "3000"                                                                // issuer
      "301e170d3230303130313030303030305a170d3330303130313030303030305a");  // 2020 to 2030
  const Bytes key = *from_hex(
      "3059301306072a8648ce3d020106082a8648ce3d030107034200"
      "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
      "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
  const Bytes list = der::element(der::sequence, {extensions});
  const Bytes body =
      der::element(der::sequence, {head, subject, key, der::element(extensions_tag, {list})});
  const auto certificate = crypto::Certificate::from_der(
      der::element(der::sequence, {body, algorithm, der::bits(*from_hex("3003020101"))}));
  require(static_cast<bool>(certificate));
  return *certificate;
}

}  // namespace touchstone::fuzz
