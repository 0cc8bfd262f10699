// Evidence by holders of certificates, and a verdict in a word.
#pragma once

#include "tests/judge/evidence.h"
#include "tests/support/authority.h"

namespace touchstone::judge::test {

// An authority, and somebody it vouches for by that name (empty: by the subject alone).
struct Holder {
  touchstone::test::Entity authority =
      touchstone::test::issue(touchstone::test::CertificateText::authority("authority"), nullptr);
  touchstone::test::Entity leaf;

  explicit Holder(const std::string& name)
      : leaf(touchstone::test::issue(
            name.empty() ? touchstone::test::CertificateText::leaf().without("subjectAltName")
                         : touchstone::test::CertificateText::leaf().with("subjectAltName", name),
            &authority)) {}

  crypto::CertificatePath path() const {
    return {{leaf.certificate(), authority.certificate()}, now - 1h, now + 1h};
  }
  verify::TrustedAuthority trusted() const {
    return {{authority.certificate(), "", {}, now + 30min, ""}, "root \"ca\""};
  }
};

// Under an authority of one's own, and under a sigstore instance.
inline verify::Finding certified(const Holder& holder) {
  verify::Finding finding = signed_by(holder.leaf.private_key());
  std::get<verify::Evidence>(finding.result).certified =
      verify::Certified{holder.path(), holder.trusted()};
  return finding;
}
inline verify::Finding keyless(const Holder& holder) {
  verify::Finding finding = signed_by(holder.leaf.private_key());
  std::get<verify::Evidence>(finding.result).keyless =
      verify::Keyless{{holder.path(), {"https://issuer", {}, {}}}, "root \"ci\""};
  return finding;
}

// "allow", or the slug of why not; with "error " before it where it could not be looked at.
inline std::string told(const Verdict& verdict) {
  if (verdict.outcome == Outcome::allow) return "allow";
  return std::string(verdict.outcome == Outcome::error ? "error " : "") +
         std::string(slug(verdict.reason->code));
}

}  // namespace touchstone::judge::test
