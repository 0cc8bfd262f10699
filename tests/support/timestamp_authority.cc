#include "tests/support/timestamp_authority.h"

#include <openssl/evp.h>

#include <catch2/catch.hpp>

#include "base/der.h"
#include "base/der_writer.h"
#include "base/encoding.h"
#include "crypto/certificate_parts.h"

namespace touchstone::test {
namespace {

constexpr std::uint8_t set_of = 0x31;
constexpr std::uint8_t generalized_time = 0x18;
constexpr std::uint8_t context_0 = 0xA0;

const char* const signed_data = "2a864886f70d010702";
const char* const timestamp_info = "2a864886f70d0109100104";

Bytes identifier(const std::string& hex) {
  return der::element(der::object_identifier, {*from_hex(hex)});
}

Bytes number(std::uint8_t value) { return der::element(der::integer, {Bytes{value}}); }

Bytes sequence(std::initializer_list<ByteView> parts) { return der::element(der::sequence, parts); }

Bytes hash_algorithm(crypto::Hash hash) {
  const char* names[] = {"608648016503040201", "608648016503040202", "608648016503040203"};
  return sequence({identifier(names[static_cast<std::size_t>(hash)])});
}

struct Way {
  Scheme scheme;
  crypto::Hash digest;
  const char* algorithm;  // AlgorithmIdentifier, hex
};

Way way_of(const crypto::PublicKey& key) {
  using crypto::Hash;
  switch (key.kind()) {
    case crypto::KeyKind::p384:
      return {Scheme::ecdsa_sha384, Hash::sha384, "300a06082a8648ce3d040303"};
    case crypto::KeyKind::p521:
      return {Scheme::ecdsa_sha512, Hash::sha512, "300a06082a8648ce3d040304"};
    case crypto::KeyKind::rsa:
      return {Scheme::rsa_pkcs1_sha256, Hash::sha256, "300d06092a864886f70d01010b0500"};
    case crypto::KeyKind::ed25519:
      return {Scheme::ed25519, Hash::sha512, "300506032b6570"};
    case crypto::KeyKind::p256:
      break;
  }
  return {Scheme::ecdsa_sha256, Hash::sha256, "300a06082a8648ce3d040302"};
}

// What issues the signer's certificate, and its number, apart.
crypto::CertificateParts parts_of(ByteView certificate) {
  const auto parts = crypto::CertificateParts::split(certificate);
  REQUIRE(parts);
  return *parts;
}

Bytes assemble(const TimestampParts& parts, const Entity& signer) {
  const Bytes info =
      parts.info.value_or(sequence({parts.info_version, parts.policy, parts.imprint,
                                    parts.info_serial, parts.time, parts.after_time}));
  const Bytes message_digest = parts.message_digest_attribute.value_or(attribute(
      "2a864886f70d010904", der::element(der::octet_string, {crypto::hash(parts.digest, info)})));
  Bytes attributes;
  for (const ByteView one :
       {ByteView(parts.content_type_attribute), ByteView(parts.signing_time_attribute),
        ByteView(message_digest), ByteView(parts.certificate_attribute),
        ByteView(parts.more_attributes)}) {
    attributes.insert(attributes.end(), one.begin(), one.end());
  }
  Bytes signature;
  if (parts.signature) {
    signature = *parts.signature;
  } else {
    const auto made = signer.private_key().sign(parts.scheme, der::element(set_of, {attributes}));
    REQUIRE(made);
    signature = der::element(der::octet_string, {*made});
  }
  const Bytes signer_info = sequence({parts.signer_version, parts.signer, parts.digest_algorithm,
                                      der::element(parts.attributes_tag, {attributes}),
                                      parts.signature_algorithm, signature, parts.after_signature});
  const Bytes content = parts.content.value_or(sequence(
      {parts.content_type, der::element(context_0, {der::element(der::octet_string, {info})})}));
  const Bytes data = sequence(
      {parts.data_version, parts.digest_algorithms, content, parts.certificates, parts.lists,
       der::element(set_of, {signer_info, parts.more_signers}), parts.after_signers});
  const Bytes token = sequence({parts.token_type, der::element(context_0, {data})});
  Bytes response = sequence({sequence({parts.status}), token, parts.after_token});
  response.insert(response.end(), parts.after_response.begin(), parts.after_response.end());
  return response;
}

}  // namespace

Bytes attribute(const std::string& identifier_hex, ByteView value) {
  return sequence({identifier(identifier_hex), der::element(set_of, {value})});
}

Bytes message_imprint(crypto::Hash hash, ByteView message) {
  return sequence(
      {hash_algorithm(hash), der::element(der::octet_string, {crypto::hash(hash, message)})});
}

Bytes embedded(const std::vector<Bytes>& certificates) {
  Bytes all;
  for (const Bytes& one : certificates) all.insert(all.end(), one.begin(), one.end());
  return der::element(context_0, {all});
}

Bytes signer_name(ByteView certificate) {
  const auto parts = parts_of(certificate);
  return sequence({parts.issuer, parts.serial});
}

Bytes signing_certificate(ByteView certificate, crypto::Hash hash, bool with_issuer) {
  constexpr std::uint8_t directory_name = 0xA4;
  const auto parts = parts_of(certificate);
  const Bytes algorithm = hash == crypto::Hash::sha256 ? Bytes() : hash_algorithm(hash);
  const Bytes names = sequence({der::element(directory_name, {parts.issuer})});
  const Bytes issuer = with_issuer ? sequence({names, parts.serial}) : Bytes();
  const Bytes entry = sequence(
      {algorithm, der::element(der::octet_string, {crypto::hash(hash, certificate)}), issuer});
  return attribute("2a864886f70d010910022f", sequence({sequence({entry})}));
}

Bytes signing_certificate_sha1(ByteView certificate) {
  Bytes digest(20);
  REQUIRE(EVP_Q_digest(nullptr, "SHA1", nullptr, certificate.data(), certificate.size(),
                       digest.data(), nullptr) == 1);
  const Bytes entry = sequence({der::element(der::octet_string, {digest})});
  return attribute("2a864886f70d010910020c", sequence({sequence({entry})}));
}

CertificateText TimestampAuthority::leaf_text() {
  CertificateText text = CertificateText::leaf()
                             .with("extendedKeyUsage", "critical,timeStamping")
                             .without("subjectAltName");
  text.subject = "Pretend timestamps";
  return text;
}

TimestampAuthority::TimestampAuthority(const std::string& kind)
    : root_(issue(CertificateText::authority("Pretend timestamps' root"), nullptr)) {
  CertificateText text = leaf_text();
  text.key = kind;
  leaf_ = issue(text, &root_);
}

crypto::TimestampAuthority TimestampAuthority::trusted() const {
  return {{leaf_.certificate(), root_.certificate()}, std::nullopt, std::nullopt};
}

crypto::TimestampAuthority TimestampAuthority::trusted_root() const {
  return {{root_.certificate()}, std::nullopt, std::nullopt};
}

Bytes TimestampAuthority::stamp(ByteView message, const std::string& time,
                                const Change& change) const {
  return stamp_by(leaf_, message, time, change);
}

Bytes TimestampAuthority::stamp_by(const Entity& signer, ByteView message, const std::string& time,
                                   const Change& change) const {
  return respond(signer, message_imprint(crypto::Hash::sha256, message), {}, time, change);
}

Bytes TimestampAuthority::answer(ByteView request, const std::string& time,
                                 const Change& change) const {
  Reader outer(request);
  const auto body = der::expect(outer, der::sequence);
  REQUIRE(body);
  Reader reader(*body);
  REQUIRE(der::expect(reader, der::integer));
  const auto imprint = der::next(reader);
  REQUIRE(imprint);
  Bytes nonce;
  while (const auto element = der::next(reader)) {
    if (element->tag == der::integer) nonce.assign(element->whole.begin(), element->whole.end());
  }
  return respond(leaf_, Bytes(imprint->whole.begin(), imprint->whole.end()), nonce, time, change);
}

Bytes TimestampAuthority::respond(const Entity& signer, const Bytes& imprint, const Bytes& nonce,
                                  const std::string& time, const Change& change) const {
  const Way way = way_of(signer.certificate().key());
  TimestampParts parts;
  parts.status = number(0);
  parts.info_version = number(1);
  parts.policy = identifier("2b0601040183bf3002");
  parts.imprint = imprint;
  parts.info_serial = number(42);
  parts.time = der::text(generalized_time, time);
  parts.after_time = nonce;
  parts.token_type = identifier(signed_data);
  parts.data_version = number(3);
  parts.digest_algorithms = der::element(set_of, {hash_algorithm(way.digest)});
  parts.content_type = identifier(timestamp_info);
  parts.certificates = embedded({signer.der});
  parts.signer_version = number(1);
  parts.signer = signer_name(signer.der);
  parts.digest = way.digest;
  parts.digest_algorithm = hash_algorithm(way.digest);
  parts.content_type_attribute = attribute("2a864886f70d010903", identifier(timestamp_info));
  parts.certificate_attribute = signing_certificate(signer.der);
  parts.scheme = way.scheme;
  parts.signature_algorithm = *from_hex(way.algorithm);
  if (change) change(parts);
  return assemble(parts, signer);
}

}  // namespace touchstone::test
