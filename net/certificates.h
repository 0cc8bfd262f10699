// Where this system keeps the certificate authorities it trusts for TLS.
//
// A folder with hashed names is preferred: OpenSSL then reads the one certificate it needs, where
// a bundle is parsed whole (18 ms for Debian's). No environment variable is consulted.
#pragma once

#include <string>

namespace touchstone::net {

struct CertificateStore {
  std::string folder;  // hashed names, or empty
  std::string file;    // one bundle, or empty
};

// The first of the usual places that exists; both empty when there is none, and then no server
// certificate verifies. Looked for once in the life of the process.
const CertificateStore& system_certificates();

// Whether the folder holds at least one certificate under its hash ("002c0b4f.0").
bool is_hashed_folder(const std::string& folder);

}  // namespace touchstone::net
