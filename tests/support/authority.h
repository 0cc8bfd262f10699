// A pretend certificate authority: certificates with any defect one names.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "crypto/certificate.h"
#include "crypto/private_key.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace touchstone::test {

inline constexpr std::chrono::sys_seconds certificate_begin{std::chrono::seconds(1'700'000'000)};
inline constexpr std::chrono::sys_seconds certificate_end{std::chrono::seconds(1'900'000'000)};

// What a certificate says. The values of extensions are as in OpenSSL's configuration files, and
// any dotted number can be one ("critical,DER:0500").
struct CertificateText {
  std::string subject = "signer";  // common name
  std::chrono::sys_seconds not_before = certificate_begin;
  std::chrono::sys_seconds not_after = certificate_end;
  std::string key = "P-256";  // or "P-384", "RSA-2048", "RSA-1024", "Ed25519", ...
  const char* hash = "SHA256";
  long version = 2;                // counted from 0
  std::string serial = "07";       // hexadecimal
  std::string raw_not_after = "";  // instead of not_after, as it stands
  std::map<std::string, std::string> extensions;
  std::vector<std::pair<std::string, std::string>> more_extensions;  // after them, repeats too

  static CertificateText leaf();
  static CertificateText authority(const std::string& subject);
  CertificateText with(const std::string& extension, const std::string& value) const;
  CertificateText without(const std::string& extension) const;
};

// A certificate with its key.
struct Entity {
  Bytes der;
  std::shared_ptr<evp_pkey_st> key;

  crypto::Certificate certificate() const;  // which must be well formed
  crypto::PrivateKey private_key() const;
  std::string pem() const;
};

// Signed by `issuer`, or by itself when there is none. A key of its own, or that of `same_key`.
Entity issue(const CertificateText& text, const Entity* issuer, const Entity* same_key = nullptr);

}  // namespace touchstone::test
