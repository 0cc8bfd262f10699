// Files with certificates that a user names.
#pragma once

#include <string>
#include <vector>

#include "crypto/certificate.h"

namespace touchstone::cli {

// One or more certificates, PEM or DER. Errors: usage.file, format.certificate, policy.weak-key,
// limit.*.
Result<std::vector<crypto::Certificate>> read_certificate_file(const std::string& name);

}  // namespace touchstone::cli
