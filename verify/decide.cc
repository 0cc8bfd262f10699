#include "verify/decide.h"

#include <algorithm>

#include "base/text.h"
#include "verify/find_signer.h"

namespace touchstone::verify {
namespace {

bool is_signer(const Demand& demand, const crypto::PublicKey& key) {
  return std::ranges::any_of(
      demand.signers, [&](const TrustedSigner& signer) { return signer.trusted.key == key; });
}

// Design section 11.6: exactly one alternative name. `issuer` is who vouched for it, as far as the
// certificate says.
Status check_identity(const Demand& demand, const crypto::Certificate& certificate,
                      const std::string& issuer) {
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
  const std::string& name = names.front().value;
  bool subject_fits = false;
  for (const WantedIdentity& wanted : demand.identities) {
    if (!wanted.subject.matches(name)) continue;
    if (!wanted.issuer || wanted.issuer->matches(issuer)) return ok();
    subject_fits = true;
  }
  const WantedIdentity& wanted = demand.identities.front();
  if (subject_fits && wanted.issuer) {
    return Error{Code::identity_mismatch,
                 "\"" + printable(name) + "\" is vouched for by \"" + printable(issuer) +
                     "\", not by " + wanted.issuer->describe(),
                 ""};
  }
  return Error{
      Code::identity_mismatch,
      "the certificate is for \"" + printable(name) + "\", not " + wanted.subject.describe(), ""};
}

// The instance must be one of the demand's, its witnesses enough, and the holder one who is asked
// for: under an instance anybody gets a certificate, so that nobody in particular means nobody.
Status check_keyless(const Demand& demand, const Keyless& keyless, const Witnesses& witnesses) {
  const auto is_named = [&](const TrustedInstance& instance) {
    return instance.source == keyless.source;
  };
  const auto instance = std::ranges::find_if(demand.instances, is_named);
  if (instance == demand.instances.end()) {
    return Error{Code::certificate_untrusted, "certified by an instance that was not asked for",
                 ""};
  }
  const Thresholds needed = demand.thresholds.under(*instance->root);
  if (witnesses.distinct_logs() < needed.logs) {
    return Error{Code::signature_log_missing, "too few transparency logs hold the signature", ""};
  }
  if (witnesses.distinct_times() < needed.times) {
    return Error{Code::time_missing, "nothing that is trusted says when the signature was made",
                 ""};
  }
  if (demand.identities.empty()) {
    return Error{Code::identity_mismatch, "nobody was named whose certificate counts", ""};
  }
  return check_identity(demand, keyless.signer.path.certificates.front(),
                        keyless.signer.fields.issuer);
}

Status check_certified(const Demand& demand, const Certified& certified,
                       std::chrono::sys_seconds now) {
  const auto is_named = [&](const TrustedAuthority& authority) {
    return authority.trusted.certificate == certified.path.certificates.back();
  };
  if (std::ranges::none_of(demand.authorities, is_named)) {
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
  if (demand.identities.empty()) return ok();
  TS_TRY(const crypto::FulcioFields fields,
         crypto::fulcio_fields(certified.path.certificates.front()));
  return check_identity(demand, certified.path.certificates.front(), fields.issuer);
}

Status check_key(const Demand& demand, const TrustedSigner& signer, std::chrono::sys_seconds now) {
  const trust::TrustedKey& trusted = signer.trusted;
  if (!is_signer(demand, trusted.key)) {
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

Status check_hardware(const Demand& demand, const Evidence& evidence) {
  if (!demand.hardware) return ok();
  if (!evidence.hardware) {
    return Error{Code::hardware_missing, "nobody looked for an attestation of the key", ""};
  }
  if (!*evidence.hardware) return evidence.hardware->error();
  const AttestedKey& attested = **evidence.hardware;
  TS_CHECK(check_attested_key(attested.key, evidence.signer.trusted.key));
  return demand.hardware->check(attested);
}

}  // namespace

Status satisfies(const Demand& demand, const Evidence& evidence, std::chrono::sys_seconds now) {
  TS_CHECK(evidence.keyless     ? check_keyless(demand, *evidence.keyless, evidence.witnesses)
           : evidence.certified ? check_certified(demand, *evidence.certified, now)
                                : check_key(demand, evidence.signer, now));
  if (demand.require_log && evidence.witnesses.distinct_logs() < demand.thresholds.logs) {
    return Error{Code::signature_log_missing, "no transparency log holds the signature", ""};
  }
  TS_CHECK(check_hardware(demand, evidence));
  for (const auto& [name, value] : demand.annotations) {
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

Verdict decide(const Demand& demand, std::span<const Finding> findings,
               std::chrono::sys_seconds now) {
  Verdict verdict;
  verdict.message = "no image signature is attached";
  if (demand.content.kind == WantedContent::Kind::attestation) {
    const std::string& type = demand.content.predicate_type;
    verdict.message = "no attestation " +
                      (type.empty() ? std::string() : "of type \"" + printable(type) + "\" ") +
                      "is attached";
    verdict.hint = "`touchstone attest` makes one";
  }
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const Evidence* evidence = findings[i].evidence();
    const Status status =
        evidence != nullptr ? satisfies(demand, *evidence, now) : Status(*findings[i].error());
    if (status) return Verdict{.allow = true, .message = "", .finding = i};
    const Error& reason = status.error();
    if (i == 0 || distance(reason.code) < distance(verdict.code)) {
      verdict = Verdict{
          .code = reason.code, .message = reason.message, .hint = reason.hint, .finding = i};
    }
  }
  return verdict;
}

}  // namespace touchstone::verify
