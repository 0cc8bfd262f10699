// A pretend certificate transparency log, with chosen faults.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "crypto/certificate_timestamp.h"
#include "crypto/private_key.h"
#include "tests/support/authority.h"

namespace touchstone::test {

class CertificateLog {
 public:
  // What one timestamp says. The defaults are right for the log.
  struct Text {
    std::uint8_t version = 0;
    std::uint64_t milliseconds = 1'800'000'000'000;
    Bytes extensions = {};
    std::uint8_t hash_algorithm = 4;
    std::uint8_t signature_algorithm = 3;
    Bytes log_id = {};  // empty: this log's
    Bytes after = {};   // follows it
  };

  explicit CertificateLog(crypto::KeyKind kind = crypto::KeyKind::p256)
      : key_(crypto::PrivateKey::generate(kind)) {}

  const crypto::PublicKey& key() const { return key_.public_key(); }
  Bytes id() const;

  // As a verifier trusts it, from certificate_begin on.
  crypto::CertificateLog trusted() const;

  // SerializedSCT for the TBSCertificate `certificate`, as issued by the key `issuer`.
  Bytes stamp(ByteView certificate, const crypto::PublicKey& issuer, const Text& text) const;
  Bytes stamp(ByteView certificate, const crypto::PublicKey& issuer) const {
    return stamp(certificate, issuer, Text());
  }

 private:
  crypto::PrivateKey key_;
};

// The TBSCertificate of a certificate.
Bytes to_be_signed(ByteView certificate);

// SignedCertificateTimestampList, as TLS writes it.
Bytes timestamp_list(const std::vector<Bytes>& timestamps);

// `text` with this list in the extension, as the value of OpenSSL's configuration files, before
// `more_extensions`.
CertificateText with_timestamps(const CertificateText& text, ByteView list);

}  // namespace touchstone::test
