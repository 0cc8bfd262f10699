#include "sign/signing_certificate.h"

#include <algorithm>

namespace touchstone::sign {
namespace {

using crypto::Certificate;
using crypto::Purpose;

Error unfit(const std::string& why) { return Error{Code::usage_certificate, why, ""}; }

}  // namespace

Result<SigningCertificate> SigningCertificate::create(const Certificate& certificate,
                                                      const std::vector<Certificate>& chain,
                                                      const crypto::PublicKey& key,
                                                      std::chrono::sys_seconds now) {
  if (certificate.key() != key)
    return unfit("the certificate is for another key than the one given");
  if (auto fit = crypto::check_leaf(certificate, Purpose::code_signing); !fit) {
    return unfit(fit.error().message);
  }
  if (auto valid = crypto::check_validity(certificate, now); !valid) {
    return unfit(valid.error().message);
  }
  SigningCertificate made;
  made.carried_.certificates.push_back(certificate.der());
  if (chain.empty()) return made;

  std::vector<Certificate> roots;
  std::vector<Certificate> between;
  for (const Certificate& other : chain)
    (other.is_self_signed() ? roots : between).push_back(other);
  if (roots.empty()) {
    roots.push_back(between.back());
    between.pop_back();
  }
  const auto path = crypto::find_path(certificate, between, roots, Purpose::code_signing, now);
  if (!path) return unfit("the chain does not lead from the certificate: " + path.error().message);
  made.authority_ = path->certificates.back();
  for (const Certificate& step : std::span(path->certificates).subspan(1)) {
    if (!step.is_self_signed()) made.carried_.certificates.push_back(step.der());
  }
  return made;
}

}  // namespace touchstone::sign
