#include "verify/certify.h"

#include <algorithm>

namespace touchstone::verify {

using crypto::Certificate;

Result<CertifiedSigner> certify(std::span<const Certificate> carried,
                                const Authorities& authorities) {
  std::vector<Certificate> anchors;
  for (const TrustedAuthority& authority : authorities.trusted) {
    anchors.push_back(authority.trusted.certificate);
  }
  const Certificate& leaf = carried.front();
  TS_TRY(crypto::CertificatePath path,
         crypto::find_path(leaf, carried.subspan(1), anchors, crypto::Purpose::code_signing,
                           authorities.at));
  const auto authority =
      std::ranges::find_if(authorities.trusted, [&](const TrustedAuthority& candidate) {
        return candidate.trusted.certificate == path.certificates.back();
      });
  if (authority == authorities.trusted.end()) {
    return Error{Code::internal_error, "a path to an authority that was not asked for", ""};
  }
  TrustedSigner signer{trust::TrustedKey{leaf.key(), authority->trusted.owner, {}, {}, ""},
                       authority->source};
  return CertifiedSigner{std::move(signer), Certified{std::move(path), *authority}};
}

}  // namespace touchstone::verify
