#include "hsm/signature_input.h"

#include <algorithm>
#include <array>

#include "crypto/hash.h"

namespace touchstone::hsm {
namespace {

using crypto::Hash;
using crypto::KeyKind;

enum class Family : std::uint8_t { ecdsa, rsa_pkcs1, rsa_pss, ed25519 };

struct Row {
  KeyKind kind;
  Scheme scheme;
  Family family;
  Hash hash;
};
constexpr std::array<Row, 12> table = {{
    {KeyKind::p256, Scheme::ecdsa_sha256, Family::ecdsa, Hash::sha256},
    {KeyKind::p384, Scheme::ecdsa_sha256, Family::ecdsa, Hash::sha256},
    {KeyKind::p384, Scheme::ecdsa_sha384, Family::ecdsa, Hash::sha384},
    {KeyKind::p521, Scheme::ecdsa_sha256, Family::ecdsa, Hash::sha256},
    {KeyKind::p521, Scheme::ecdsa_sha512, Family::ecdsa, Hash::sha512},
    {KeyKind::rsa, Scheme::rsa_pkcs1_sha256, Family::rsa_pkcs1, Hash::sha256},
    {KeyKind::rsa, Scheme::rsa_pkcs1_sha384, Family::rsa_pkcs1, Hash::sha384},
    {KeyKind::rsa, Scheme::rsa_pkcs1_sha512, Family::rsa_pkcs1, Hash::sha512},
    {KeyKind::rsa, Scheme::rsa_pss_sha256, Family::rsa_pss, Hash::sha256},
    {KeyKind::rsa, Scheme::rsa_pss_sha384, Family::rsa_pss, Hash::sha384},
    {KeyKind::rsa, Scheme::rsa_pss_sha512, Family::rsa_pss, Hash::sha512},
    {KeyKind::ed25519, Scheme::ed25519, Family::ed25519, Hash::sha512},
}};

const Row* find_row(KeyKind kind, Scheme scheme) {
  const auto row = std::ranges::find_if(
      table, [&](const Row& r) { return r.kind == kind && r.scheme == scheme; });
  return row == table.end() ? nullptr : &*row;
}

// RFC 8017 section 9.2, note 1: the DER before the hash. Its last octet is the length of the hash.
Bytes digest_info(Hash algorithm, const Bytes& digest) {
  const std::uint8_t last_of_oid = algorithm == Hash::sha256   ? 1
                                   : algorithm == Hash::sha384 ? 2
                                                               : 3;
  const auto size = static_cast<std::uint8_t>(digest.size());
  Bytes out = {0x30,        static_cast<std::uint8_t>(0x11 + size),
               0x30,        0x0D,
               0x06,        0x09,
               0x60,        0x86,
               0x48,        0x01,
               0x65,        0x03,
               0x04,        0x02,
               last_of_oid, 0x05,
               0x00,        0x04,
               size};
  out.insert(out.end(), digest.begin(), digest.end());
  return out;
}

ck::PssParameters pss_parameters(Hash algorithm, std::size_t salt) {
  switch (algorithm) {
    case Hash::sha256:
      return {ck::mechanism::sha256, ck::mgf::mgf1_sha256, salt};
    case Hash::sha384:
      return {ck::mechanism::sha384, ck::mgf::mgf1_sha384, salt};
    case Hash::sha512:
      break;
  }
  return {ck::mechanism::sha512, ck::mgf::mgf1_sha512, salt};
}

// What is signed in place of the message.
Result<Bytes> digest_of(const Row& row, const Content& content) {
  if (!content.is_digest) return crypto::hash(row.hash, content.bytes);
  const std::size_t wanted = row.hash == Hash::sha256 ? 32 : row.hash == Hash::sha384 ? 48 : 64;
  if (content.bytes.size() == wanted) return Bytes(content.bytes.begin(), content.bytes.end());
  return Error{Code::device_algorithm,
               "the key signs digests of " + std::to_string(wanted) + " bytes, not of " +
                   std::to_string(content.bytes.size()),
               ""};
}

}  // namespace

bool Content::is_signed_by(const crypto::PublicKey& key, Scheme scheme, ByteView signature) const {
  return is_digest ? key.verify_prehashed(scheme, bytes, signature)
                   : key.verify(scheme, bytes, signature);
}

Status check_scheme(const crypto::PublicKey& key, Scheme scheme) {
  if (find_row(key.kind(), scheme) != nullptr) return ok();
  return Error{Code::device_algorithm,
               "the key (" + key.kind_name() + ") does not make that kind of signature", ""};
}

Result<SignatureInput> signature_input(const crypto::PublicKey& key, Scheme scheme,
                                       const Content& content) {
  TS_CHECK(check_scheme(key, scheme));
  const Row* row = find_row(key.kind(), scheme);
  if (row->family == Family::ed25519) {
    if (content.is_digest) {
      return Error{Code::device_algorithm, "an Ed25519 key signs messages, not digests", ""};
    }
    return SignatureInput{
        ck::mechanism::eddsa, Bytes(content.bytes.begin(), content.bytes.end()), {}};
  }
  TS_TRY(Bytes digest, digest_of(*row, content));
  switch (row->family) {
    case Family::rsa_pkcs1:
      return SignatureInput{ck::mechanism::rsa_pkcs, digest_info(row->hash, digest), {}};
    case Family::rsa_pss: {
      const ck::PssParameters parameters = pss_parameters(row->hash, digest.size());
      return SignatureInput{ck::mechanism::rsa_pkcs_pss, std::move(digest), parameters};
    }
    default:
      return SignatureInput{ck::mechanism::ecdsa, std::move(digest), {}};
  }
}

Result<Bytes> checked_signature(const crypto::PublicKey& key, Scheme scheme, const Content& content,
                                Bytes answer) {
  const Row* row = find_row(key.kind(), scheme);
  const bool raw = row != nullptr && row->family == Family::ecdsa;
  const std::optional<Bytes> signature =
      raw ? crypto::ecdsa_der_from_raw(answer) : std::optional(std::move(answer));
  if (!signature || !content.is_signed_by(key, scheme, *signature)) {
    return Error{Code::device_signature,
                 "the token's signature does not verify with its public key " + key.fingerprint(),
                 ""};
  }
  return *signature;
}

}  // namespace touchstone::hsm
