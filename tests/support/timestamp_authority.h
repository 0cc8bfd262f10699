// A pretend timestamping authority (RFC 3161): tokens with chosen faults.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/key_device.h"
#include "crypto/hash.h"
#include "crypto/timestamp_token.h"
#include "tests/support/authority.h"

namespace touchstone::test {

// A token in its parts, each a DER element or several, or nothing. What is absent is computed.
struct TimestampParts {
  Bytes status;  // the content of PKIStatusInfo

  // TSTInfo
  Bytes info_version;
  Bytes policy;
  Bytes imprint;
  Bytes info_serial;
  Bytes time;
  Bytes after_time;
  std::optional<Bytes> info;     // all of it instead
  std::optional<Bytes> content;  // EncapsulatedContentInfo, instead of one that holds it

  // SignedData
  Bytes token_type;
  Bytes data_version;
  Bytes digest_algorithms;
  Bytes content_type;
  Bytes certificates;  // with their [0]
  Bytes lists;
  Bytes more_signers;
  Bytes after_signers;
  Bytes after_token;
  Bytes after_response;

  // SignerInfo. The attributes are whole ones.
  Bytes signer_version;
  Bytes signer;
  crypto::Hash digest = crypto::Hash::sha256;
  Bytes digest_algorithm;
  Bytes content_type_attribute;
  Bytes signing_time_attribute;
  std::optional<Bytes> message_digest_attribute;
  Bytes certificate_attribute;
  Bytes more_attributes;
  std::uint8_t attributes_tag = 0xA0;
  Scheme scheme = Scheme::ecdsa_sha256;
  Bytes signature_algorithm;
  std::optional<Bytes> signature;
  Bytes after_signature;
};

class TimestampAuthority {
 public:
  using Change = std::function<void(TimestampParts&)>;

  // A root, and a leaf with a key of this kind as issue() takes it.
  explicit TimestampAuthority(const std::string& kind = "P-256");
  TimestampAuthority(Entity root, Entity leaf) : root_(std::move(root)), leaf_(std::move(leaf)) {}

  static CertificateText leaf_text();

  const Entity& root() const { return root_; }
  const Entity& leaf() const { return leaf_; }

  // As a verifier trusts it: leaf and root, always; and the root alone.
  crypto::TimestampAuthority trusted() const;
  crypto::TimestampAuthority trusted_root() const;

  // TimeStampResp for `message` at `time` (as TSTInfo has it), with the leaf in it.
  Bytes stamp(ByteView message, const std::string& time, const Change& change = nullptr) const;

  // The same for what a TimeStampReq asks for, whatever it asks.
  Bytes answer(ByteView request, const std::string& time, const Change& change = nullptr) const;

  // By the signer and scheme of another entity than the leaf.
  Bytes stamp_by(const Entity& signer, ByteView message, const std::string& time,
                 const Change& change = nullptr) const;

 private:
  Bytes respond(const Entity& signer, const Bytes& imprint, const Bytes& nonce,
                const std::string& time, const Change& change) const;

  Entity root_;
  Entity leaf_;
};

// Pieces of tokens.
Bytes attribute(const std::string& identifier_hex, ByteView value);
Bytes message_imprint(crypto::Hash hash, ByteView message);
Bytes embedded(const std::vector<Bytes>& certificates);
Bytes signer_name(ByteView certificate);  // IssuerAndSerialNumber
// The attribute signingCertificateV2 for a certificate, by this hash.
Bytes signing_certificate(ByteView certificate, crypto::Hash hash = crypto::Hash::sha256,
                          bool with_issuer = false);
// Its elder, by SHA-1.
Bytes signing_certificate_sha1(ByteView certificate);

}  // namespace touchstone::test
