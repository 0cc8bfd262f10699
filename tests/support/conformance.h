// Sigstore's conformance vectors, read as loosely as a test may: what one case signs with, and what
// its trusted root holds.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "crypto/certificate.h"
#include "crypto/certificate_timestamp.h"
#include "crypto/timestamp_token.h"

namespace touchstone::test {

struct ConformanceCase {
  std::string name;
  std::vector<Bytes> certificates;  // the leaf first; empty for a managed key
  std::vector<Bytes> timestamps;    // TimeStampResp
  Bytes signature;                  // what they stamp

  // Of its own trusted root, else of the public instance's.
  std::vector<std::vector<crypto::Certificate>> authorities;  // each: leaf-most first, anchor last
  std::vector<crypto::CertificateLog> certificate_logs;
  std::vector<crypto::TimestampAuthority> timestamp_authorities;
};

// The case in bundle-verify/NAME. Absent where there are no vectors, and for a bundle that is no
// JSON.
std::optional<ConformanceCase> conformance_case(const std::string& name);

// The names of all cases, in order; empty where there are no vectors.
std::vector<std::string> conformance_names();

}  // namespace touchstone::test
