// Timestamps: somebody's word that a signature was there at a time.
//
// Spec: RFC 3161 and 5816, and Sigstore's client specification for whose word counts. The
// authority's whole path is judged at the time that the token tells, so one that ended since still
// counts, and one that had ended then does not.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "crypto/hash.h"
#include "crypto/timestamp_contents.h"

namespace touchstone::crypto {

// What an authority answered, taken apart; nothing in it is believed.
class TimestampToken {
 public:
  using Time = TimestampContents::Time;

  // A TimeStampResp in DER that grants a token, and nothing after it. Taken: one signer, named by
  // issuer and serial number, whose signed attributes hold the content type, a message digest and
  // the name of the signer's certificate; SHA-256, SHA-384 and SHA-512; ECDSA, RSA PKCS#1 v1.5 and
  // Ed25519; a time in UTC with up to nine digits of fraction, of which six count. Errors:
  // signature.timestamp; binding.timestamp (an imprint by another hash).
  static Result<TimestampToken> parse(ByteView response);

  Time time() const { return parsed_->contents.time; }
  Hash hash_algorithm() const { return parsed_->contents.imprint_hash; }
  ByteView imprint() const { return parsed_->contents.imprint; }

  // What the request sent along; absent when there is none, or none that write_timestamp_request()
  // could have written.
  std::optional<std::uint64_t> nonce() const;

  const TimestampContents& contents() const { return parsed_->contents; }

 private:
  struct Parsed {
    Bytes bytes;
    TimestampContents contents;  // views into `bytes`
  };
  explicit TimestampToken(std::shared_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}

  std::shared_ptr<const Parsed> parsed_;
};

// Whose word counts.
struct TimestampAuthority {
  // Leaf-most first, the anchor last. When the first is no authority itself, tokens must be signed
  // by exactly that certificate, and may leave it out; otherwise they bring the signer's.
  std::vector<Certificate> chain;

  // The closed interval in which its word counts; unlimited where absent.
  std::optional<TimestampToken::Time> not_before;
  std::optional<TimestampToken::Time> not_after;
};

struct VerifiedTimestamp {
  TimestampToken::Time time;
};

// Whether `authority` says that `stamped` was there, and when. The certificate that verifies the
// signature is the one that all else is asked of: named by the token's signer and by its signed
// hash, for time stamping alone, on a path to the authority's anchor. Certificates that the token
// brings are candidates for that and nothing more.
// Errors: binding.timestamp (of other bytes), signature.timestamp (not signed by the certificate
// that it names), certificate.untrusted, certificate.usage, certificate.path, certificate.weak (no
// path to the authority), time.timestamp (the authority, or a certificate on the path, did not
// count at that time).
Result<VerifiedTimestamp> verify_timestamp(const TimestampToken& token, ByteView stamped,
                                           const TimestampAuthority& authority);

// TimeStampReq for the SHA-256 of `message`, which asks for the authority's certificates.
Bytes write_timestamp_request(ByteView message, std::uint64_t nonce);

}  // namespace touchstone::crypto
