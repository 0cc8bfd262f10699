#include "verify/decide.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace touchstone::verify {
namespace {

bool is_signer(const Policy& policy, const crypto::PublicKey& key) {
  return std::ranges::any_of(
      policy.signers, [&](const TrustedSigner& signer) { return signer.trusted.key == key; });
}

// Design section 11.6: exactly one alternative name.
Status check_identity(const std::string& wanted, const crypto::Certificate& certificate) {
  const auto& names = certificate.alternative_names();
  if (names.empty()) {
    return Error{Code::identity_mismatch, "the certificate holds no alternative name", ""};
  }
  if (names.size() > 1) {
    return Error{Code::certificate_identity,
                 "the certificate holds " + std::to_string(names.size()) +
                     " alternative names; exactly one is wanted",
                 ""};
  }
  if (names.front().value != wanted) {
    return Error{Code::identity_mismatch,
                 "the certificate is for \"" + printable(names.front().value) + "\", not \"" +
                     printable(wanted) + "\"",
                 ""};
  }
  return ok();
}

Status check_certified(const Policy& policy, const Certified& certified,
                       std::chrono::sys_seconds now) {
  const auto is_named = [&](const TrustedAuthority& authority) {
    return authority.trusted.certificate == certified.path.certificates.back();
  };
  if (std::ranges::none_of(policy.authorities, is_named)) {
    return Error{Code::certificate_untrusted, "certified by an authority that was not asked for",
                 ""};
  }
  if (now < certified.path.not_before || now > certified.path.not_after) {
    return Error{Code::time_certificate, "a certificate is not valid at this time", ""};
  }
  const trust::TrustedCertificate& authority = certified.authority.trusted;
  if (authority.not_before && now < *authority.not_before) {
    return Error{Code::time_certificate,
                 "the authority of " + certified.authority.source + " does not count yet", ""};
  }
  if (authority.not_after && now > *authority.not_after) {
    return Error{Code::time_certificate,
                 "the authority of " + certified.authority.source + " counts no longer", ""};
  }
  if (policy.identity) {
    return check_identity(*policy.identity, certified.path.certificates.front());
  }
  return ok();
}

Status check_key(const Policy& policy, const TrustedSigner& signer, std::chrono::sys_seconds now) {
  const trust::TrustedKey& trusted = signer.trusted;
  if (!is_signer(policy, trusted.key)) {
    return Error{Code::identity_mismatch, "signed by a key that was not asked for", ""};
  }
  if (trusted.not_before && now < *trusted.not_before) {
    return Error{Code::time_key_validity, "the key of " + signer.source + " is not valid yet", ""};
  }
  if (trusted.not_after && now > *trusted.not_after) {
    return Error{Code::time_key_validity, "the key of " + signer.source + " is no longer valid",
                 ""};
  }
  return ok();
}

// Why this evidence does not satisfy the policy, or success.
Status satisfies(const Policy& policy, const Evidence& evidence, std::chrono::sys_seconds now) {
  TS_CHECK(evidence.certified ? check_certified(policy, *evidence.certified, now)
                              : check_key(policy, evidence.signer, now));
  for (const auto& [name, value] : policy.annotations) {
    const auto found = evidence.annotations.find(name);
    if (found == evidence.annotations.end()) {
      return Error{Code::binding_annotation, "annotation \"" + printable(name) + "\" is not signed",
                   ""};
    }
    if (found->second != value) {
      return Error{Code::binding_annotation,
                   "annotation \"" + printable(name) + "\" is \"" + printable(found->second) +
                       "\", not \"" + printable(value) + "\"",
                   ""};
    }
  }
  return ok();
}

// How near to allowing a reason came: its place here, the nearest first. All others are alike.
std::size_t distance(Code code) {
  constexpr std::array nearest = {
      Code::binding_annotation,  Code::certificate_identity,   Code::time_certificate,
      Code::time_key_validity,   Code::binding_type,           Code::binding_digest,
      Code::format_statement,    Code::format_payload,         Code::signature_invalid,
      Code::identity_mismatch,   Code::certificate_usage,      Code::certificate_path,
      Code::certificate_weak,    Code::certificate_untrusted,  Code::certificate_malformed,
      Code::certificate_missing, Code::certificate_unexpected, Code::binding_message,
      Code::binding_payload,     Code::binding_subject};
  return static_cast<std::size_t>(std::ranges::find(nearest, code) - nearest.begin());
}

}  // namespace

Verdict decide(const Policy& policy, std::span<const Finding> findings,
               std::chrono::sys_seconds now) {
  Verdict verdict;
  verdict.message = "no image signature is attached";
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const Evidence* evidence = findings[i].evidence();
    const Status status =
        evidence != nullptr ? satisfies(policy, *evidence, now) : Status(*findings[i].error());
    if (status) return Verdict{.allow = true, .message = "", .finding = i};
    const Error& reason = status.error();
    if (i == 0 || distance(reason.code) < distance(verdict.code)) {
      verdict = Verdict{.code = reason.code, .message = reason.message, .finding = i};
    }
  }
  return verdict;
}

}  // namespace touchstone::verify
