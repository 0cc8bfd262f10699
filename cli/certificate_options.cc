#include "cli/certificate_options.h"

#include "cli/shared/certificate_files.h"
#include "cli/shared/output.h"

namespace touchstone::cli {

void CertificateOptions::declare(CLI::App& command) {
  command
      .add_option("--certificate", certificate_,
                  "certificate of the key, for verifiers who trust its authority")
      ->type_name("FILE");
  command
      .add_option("--chain", chain_,
                  "the authorities above it; those below the root go with the signature")
      ->type_name("FILE");
}

Status CertificateOptions::check_usage() const {
  if (chain_.empty() || given()) return ok();
  return Error{Code::usage_arguments, "--chain needs --certificate", ""};
}

Result<std::optional<sign::CertificateToUse>> CertificateOptions::read(const crypto::PublicKey& key,
                                                                       const Clock& clock) const {
  if (!given()) return std::optional<sign::CertificateToUse>();
  TS_TRY(const auto leaf, read_certificate_file(certificate_));
  if (leaf.size() != 1) {
    return Error{Code::usage_certificate, "--certificate takes a file with one certificate",
                 "give the others by --chain"};
  }
  std::vector<crypto::Certificate> others;
  if (!chain_.empty()) {
    TS_TRY(others, read_certificate_file(chain_));
  }
  const auto now = clock.now();
  TS_TRY(auto checked, sign::SigningCertificate::create(leaf.front(), others, key, now));
  if (checked.carried().certificates.size() > 1) {
    say("note: the signature carries intermediate certificates; cosign v3 reads it with "
        "--allow-certificate-chain");
  }
  return std::optional(sign::CertificateToUse{std::move(checked), now});
}

}  // namespace touchstone::cli
