// What a timestamp's bytes say, taken apart; nothing is verified. crypto/timestamp_token.h
// verifies.
//
// Spec: RFC 3161 section 2.4.2 (TimeStampResp, TSTInfo), RFC 5652 section 5 (SignedData), RFC 2634
// and 5035 (SigningCertificate and its version 2). Strict DER throughout the elements that are
// read.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/key_device.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/hash.h"

namespace touchstone::crypto {

// How signed attributes name the signer's certificate. Views.
struct SigningCertificate {
  std::optional<Hash> algorithm;   // absent: SHA-1, which RFC 3161 itself takes for a name
  ByteView hash;                   // of the certificate
  std::optional<ByteView> issuer;  // Name and INTEGER, whole: both or neither
  std::optional<ByteView> serial;
};

// Views into the bytes that were read.
struct TimestampContents {
  using Time = Instant;

  ByteView info;  // TSTInfo, what is signed
  Hash imprint_hash = Hash::sha256;
  ByteView imprint;
  Time time;                      // genTime; what lies below a microsecond is cut off
  std::optional<ByteView> nonce;  // the content of the INTEGER

  std::vector<ByteView> certificates;  // whole, as they come; believed in nothing

  // Who signed, by issuer (Name) and serial number (INTEGER), both whole.
  ByteView issuer;
  ByteView serial;

  ByteView signed_attributes;  // the content of the SET
  Hash digest = Hash::sha256;  // of `message_digest`, and of the signature
  ByteView message_digest;
  SigningCertificate signing_certificate;
  std::optional<std::chrono::sys_seconds> signing_time;

  Scheme scheme = Scheme::ecdsa_sha256;
  ByteView signature;

  // A TimeStampResp that grants a token, and nothing after it.
  // Errors: signature.timestamp; binding.timestamp (an imprint by a hash that is not SHA-2).
  static Result<TimestampContents> read(ByteView response);
};

}  // namespace touchstone::crypto
