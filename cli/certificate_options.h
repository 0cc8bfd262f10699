// --certificate and --chain: the certificate that goes with a signature.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "cli/shared/application.h"
#include "sign/make_bundle.h"

namespace touchstone::cli {

class CertificateOptions {
 public:
  void declare(CLI::App& command);

  bool given() const { return !certificate_.empty(); }

  // Errors: usage.arguments.
  Status check_usage() const;

  // Says what of it cosign reads with an option only. Absent: none was given.
  // Errors: usage.*, format.certificate, policy.weak-key, limit.*.
  Result<std::optional<sign::CertificateToUse>> read(const crypto::PublicKey& key,
                                                     const Clock& clock) const;

 private:
  std::string certificate_;
  std::string chain_;
};

}  // namespace touchstone::cli
