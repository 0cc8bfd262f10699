// Certificates for test servers, made on the spot.
#pragma once

#include <string>

namespace touchstone::test {

struct TlsIdentity {
  std::string certificate;  // PEM
  std::string key;          // PEM
};

// A self-signed P-256 certificate for an address or name, valid from a day ago until `days` from
// now (negative: it has expired).
TlsIdentity make_tls_identity(const std::string& alternative_name = "IP:127.0.0.1", int days = 1);

}  // namespace touchstone::test
