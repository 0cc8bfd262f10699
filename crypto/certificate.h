// X.509 certificates and what each says of itself. Whether to believe one: certificate_chain.h.
//
// Spec: RFC 5280. Accepted: one certificate of version 3 in DER, its key one that PublicKey takes.
// Refused: bytes after it, encodings that are BER but not DER, a serial number that is not positive
// or over 20 octets, two signature algorithms that differ, an extension twice or one that is known
// and malformed, times in any form but RFC 5280's, an alternative name that is empty or holds
// control characters, anything over the limits.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/public_key.h"

struct x509_st;  // OpenSSL's X509

namespace touchstone::crypto {

// One name of the subjectAltName extension, byte for byte. `value` is empty for kinds that are no
// text, such as addresses.
struct AlternativeName {
  enum class Kind : std::uint8_t { uri, email, dns, user, other };  // user: Fulcio's otherName
  Kind kind;
  std::string value;
};

class Certificate {
 public:
  // Errors: certificate.malformed, certificate.weak (its key).
  static Result<Certificate> from_der(ByteView der);

  // The file of a user: one or more PEM blocks of type CERTIFICATE, in their order, or one
  // certificate in DER. Comments as parse_pem() takes them.
  // Errors: as from_der(); limit.count.
  static Result<std::vector<Certificate>> from_file(ByteView contents);

  const Bytes& der() const { return facts_->der; }
  std::string pem() const;
  std::string fingerprint() const;  // "sha256:HEX" of the certificate
  const PublicKey& key() const { return facts_->key; }

  // RFC 2253's text of a name, safe to show; never compared.
  const std::string& subject() const { return facts_->subject; }
  const std::string& issuer() const { return facts_->issuer; }

  // The closed interval in which it is valid. Years 1950 to 9999.
  std::chrono::sys_seconds not_before() const { return facts_->not_before; }
  std::chrono::sys_seconds not_after() const { return facts_->not_after; }
  bool valid_at(std::chrono::sys_seconds time) const {
    return facts_->not_before <= time && time <= facts_->not_after;
  }

  const std::vector<AlternativeName>& alternative_names() const { return facts_->names; }

  // Basic constraints say that it is an authority.
  bool is_authority() const { return facts_->is_authority; }

  // Its issuer's name and key are its own, and so is its signature. Checks that, each time.
  bool is_self_signed() const;

  // Whether the key of `issuer` made its signature; nothing else is compared. Checked once for a
  // key: what was found good is remembered by all copies.
  bool is_signed_by(const Certificate& issuer) const;

  // Lets is_signed_by() take it for checked. For a pair of which that is known from elsewhere.
  void assume_signed_by(const Certificate& issuer) const;

  // Absent: it does not say, which RFC 5280 takes for any. The purposes as dotted numbers.
  bool has_key_usage() const { return facts_->key_usage.has_value(); }
  bool may_sign() const { return has_usage(digital_signature); }
  bool may_issue() const { return has_usage(certificate_signing); }
  bool may_commit() const { return has_usage(content_commitment); }  // once called nonRepudiation
  const std::optional<std::vector<std::string>>& purposes() const { return facts_->purposes; }
  bool purposes_are_critical() const { return facts_->purposes_are_critical; }

  friend bool operator==(const Certificate& a, const Certificate& b) { return a.der() == b.der(); }

  x509_st* handle() const { return facts_->handle.get(); }  // for crypto/ alone

 private:
  struct Memory {
    std::mutex mutex;
    std::optional<PublicKey> issuer_key;  // that made the signature
  };
  struct Facts {
    std::shared_ptr<x509_st> handle;
    Bytes der;
    PublicKey key;
    std::string subject;
    std::string issuer;
    std::chrono::sys_seconds not_before;
    std::chrono::sys_seconds not_after;
    std::vector<AlternativeName> names;
    bool is_authority = false;
    std::optional<std::uint32_t> key_usage;
    std::optional<std::vector<std::string>> purposes;
    bool purposes_are_critical = false;
    std::unique_ptr<Memory> memory = std::make_unique<Memory>();
  };
  static constexpr std::uint32_t digital_signature = 0x80;  // RFC 5280 section 4.2.1.3
  static constexpr std::uint32_t content_commitment = 0x40;
  static constexpr std::uint32_t certificate_signing = 0x04;

  explicit Certificate(Facts facts) : facts_(std::make_shared<const Facts>(std::move(facts))) {}
  bool has_usage(std::uint32_t bit) const {
    return !facts_->key_usage || (*facts_->key_usage & bit) != 0;
  }

  std::shared_ptr<const Facts> facts_;
};

}  // namespace touchstone::crypto
