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

// Why this evidence does not satisfy the policy, or success.
Status satisfies(const Policy& policy, const Evidence& evidence, std::chrono::sys_seconds now) {
  const trust::TrustedKey& trusted = evidence.signer.trusted;
  if (!is_signer(policy, trusted.key)) {
    return Error{Code::identity_mismatch, "signed by a key that was not asked for", ""};
  }
  if (trusted.not_before && now < *trusted.not_before) {
    return Error{Code::time_key_validity,
                 "the key of " + evidence.signer.source + " is not valid yet", ""};
  }
  if (trusted.not_after && now > *trusted.not_after) {
    return Error{Code::time_key_validity,
                 "the key of " + evidence.signer.source + " is no longer valid", ""};
  }
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
      Code::binding_annotation, Code::time_key_validity, Code::binding_type,
      Code::binding_digest,     Code::format_statement,  Code::format_payload,
      Code::signature_invalid,  Code::identity_mismatch, Code::certificate_unexpected,
      Code::binding_message,    Code::binding_payload,   Code::binding_subject};
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
