#include "verify/find_signer.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace touchstone::verify {
namespace {

using crypto::Certificate;

// What instances say of a key's signature. Without `require_log` a log that is unknown is no
// matter; what a known one says must be right.
Result<Witnesses> witnesses_of_key(const SignatureClaim& claim, const crypto::PublicKey& key,
                                   const Demand& demand) {
  const Thresholds thresholds{demand.require_log ? demand.thresholds.logs : 0, 0, 0};
  Error missing{Code::signature_log_missing, "no transparency log was named that could hold it",
                "give --root sigstore or --trusted-root FILE"};
  std::optional<Witnesses> found;
  for (const TrustedInstance& instance : demand.instances) {
    auto witnesses =
        find_witnesses(claim.witnesses, *instance.root,
                       {claim.content, claim.signature, &key, claim.envelope_file}, thresholds);
    if (witnesses) {
      if (!found || found->logs.empty()) found = *std::move(witnesses);
    } else if (witnesses.error().code == Code::signature_log_missing) {
      missing = std::move(witnesses).error();
    } else {
      return std::move(witnesses).error();
    }
  }
  if (found) return *std::move(found);
  if (demand.require_log) return missing;
  return Witnesses{};
}

Result<FoundSigner> by_key(const SignatureClaim& claim, const Demand& demand) {
  const auto is_hinted = [&](const TrustedSigner& signer) {
    return signer.trusted.key.hint() == claim.hint;
  };
  std::vector<const TrustedSigner*> order;
  for (const TrustedSigner& signer : demand.signers) {
    if (is_hinted(signer)) order.push_back(&signer);
  }
  const bool hinted = !order.empty();
  for (const TrustedSigner& signer : demand.signers) {
    if (!is_hinted(signer)) order.push_back(&signer);
  }

  for (const TrustedSigner* signer : order) {
    const auto scheme = claim.content.matching_scheme(signer->trusted.key, claim.signature);
    if (!scheme) continue;
    TS_TRY(Witnesses witnesses, witnesses_of_key(claim, signer->trusted.key, demand));
    return FoundSigner{*signer, *scheme, {}, {}, std::move(witnesses)};
  }
  if (hinted || claim.hint.empty()) {
    return Error{Code::signature_invalid,
                 hinted ? "the signature does not verify with the key it names"
                        : "the signature does not verify with any key asked for",
                 ""};
  }
  return Error{Code::identity_mismatch, "signed by another key, with hint " + printable(claim.hint),
               ""};
}

Result<Scheme> scheme_of(const SignatureClaim& claim, const Certificate& leaf) {
  const auto scheme = claim.content.matching_scheme(leaf.key(), claim.signature);
  if (scheme) return *scheme;
  return Error{Code::signature_invalid,
               "the signature does not verify with the key of its certificate", ""};
}

Result<FoundSigner> by_authority(const SignatureClaim& claim, std::span<const Certificate> carried,
                                 const Demand& demand, std::chrono::sys_seconds at) {
  TS_TRY(CertifiedSigner found, certify(carried, {demand.authorities, at}));
  TS_TRY(const Scheme scheme, scheme_of(claim, carried.front()));
  return FoundSigner{std::move(found.signer), scheme, std::move(found.certified)};
}

Result<FoundSigner> by_instance(const SignatureClaim& claim, std::span<const Certificate> carried,
                                const TrustedInstance& instance, const Thresholds& thresholds) {
  const Certificate& leaf = carried.front();
  auto witnesses =
      find_witnesses(claim.witnesses, *instance.root,
                     {claim.content, claim.signature, &leaf, claim.envelope_file}, thresholds);
  if (!witnesses) {
    // Of a stranger's certificate nothing else matters.
    const bool unproven = witnesses.error().code == Code::signature_log_missing ||
                          witnesses.error().code == Code::time_missing;
    if (unproven) {
      TS_CHECK(check_issued(leaf, carried.subspan(1), *instance.root));
    }
    return std::move(witnesses).error();
  }
  TS_TRY(KeylessSigner signer,
         certify_keyless(leaf, carried.subspan(1), *instance.root, *witnesses, thresholds));
  TS_TRY(const Scheme scheme, scheme_of(claim, leaf));
  TrustedSigner trusted{trust::TrustedKey{leaf.key(), "", {}, {}, ""}, instance.source};
  return FoundSigner{std::move(trusted),
                     scheme,
                     {},
                     Keyless{std::move(signer), instance.source},
                     *std::move(witnesses)};
}

// The first authority or instance that is good, or the reason of the one that came nearest.
Result<FoundSigner> by_certificate(const SignatureClaim& claim, const Demand& demand,
                                   std::chrono::sys_seconds at) {
  std::vector<Certificate> carried;
  for (const Bytes& der : claim.certificates) {
    TS_TRY(Certificate certificate, Certificate::from_der(der));
    carried.push_back(std::move(certificate));
  }
  std::optional<Error> nearest;
  const auto is_nearer = [&](const Error& error) {
    return !nearest || distance(error.code) < distance(nearest->code);
  };
  if (!demand.authorities.empty()) {
    auto found = by_authority(claim, carried, demand, at);
    if (found) return found;
    nearest = std::move(found).error();
  }
  for (const TrustedInstance& instance : demand.instances) {
    auto found = by_instance(claim, carried, instance, demand.thresholds.under(*instance.root));
    if (found) return found;
    if (is_nearer(found.error())) nearest = std::move(found).error();
  }
  return *std::move(nearest);
}

}  // namespace

Result<FoundSigner> find_signer(const SignatureClaim& claim, const Demand& demand,
                                std::chrono::sys_seconds at) {
  // Instances count for certificates where an identity says whose; else they are there for logs.
  const bool certificates_count =
      !demand.authorities.empty() || (!demand.instances.empty() && !demand.identities.empty());
  if (!claim.certificates.empty()) {
    if (!certificates_count) {
      return Error{Code::certificate_unexpected,
                   "signed with a certificate, and only keys were asked for", ""};
    }
    return by_certificate(claim, demand, at);
  }
  if (demand.signers.empty() && certificates_count) {
    return Error{Code::certificate_missing,
                 "signed with a key, and only certificates were asked for", ""};
  }
  return by_key(claim, demand);
}

std::size_t distance(Code code) {
  constexpr std::array nearest = {Code::binding_annotation,    Code::hardware_touch,
                                  Code::hardware_pin,          Code::hardware_fips,
                                  Code::hardware_firmware,     Code::hardware_serial,
                                  Code::hardware_origin,       Code::hardware_weak,
                                  Code::hardware_time,         Code::hardware_path,
                                  Code::hardware_branch,       Code::hardware_signature,
                                  Code::hardware_untrusted,    Code::hardware_malformed,
                                  Code::hardware_other_key,    Code::hardware_missing,
                                  Code::certificate_identity,  Code::time_key_validity,
                                  Code::binding_type,          Code::binding_digest,
                                  Code::format_statement,      Code::format_payload,
                                  Code::signature_invalid,     Code::identity_mismatch,
                                  Code::certificate_issuer,    Code::certificate_transparency,
                                  Code::time_certificate,      Code::binding_log_entry,
                                  Code::signature_log_proof,   Code::signature_checkpoint,
                                  Code::signature_log_promise, Code::time_log,
                                  Code::time_timestamp,        Code::binding_timestamp,
                                  Code::signature_timestamp,   Code::time_missing,
                                  Code::signature_log_missing, Code::certificate_usage,
                                  Code::certificate_path,      Code::certificate_weak,
                                  Code::certificate_untrusted, Code::certificate_malformed,
                                  Code::certificate_missing,   Code::certificate_unexpected,
                                  Code::binding_message,       Code::binding_payload,
                                  Code::binding_subject};
  return static_cast<std::size_t>(std::ranges::find(nearest, code) - nearest.begin());
}

}  // namespace touchstone::verify
