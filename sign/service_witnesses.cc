#include "sign/service_witnesses.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "crypto/fulcio_certificate.h"
#include "sign/timestamp_service.h"
#include "verify/examine.h"

namespace touchstone::sign {
namespace {

using formats::CertificateChain;
using formats::SigstoreBundle;
using Version = TransparencyLogService::Version;

// Who holds the certificate, as the certificate says: anybody will do, as long as it counts.
Result<verify::WantedIdentity> holder_of(const crypto::Certificate& certificate) {
  TS_TRY(const crypto::FulcioFields fields, crypto::fulcio_fields(certificate));
  if (certificate.alternative_names().size() != 1) {
    return Error{Code::certificate_identity,
                 "the certificate does not hold exactly one alternative name", ""};
  }
  return verify::WantedIdentity{
      verify::TextMatch::exact(certificate.alternative_names().front().value),
      verify::TextMatch::exact(fields.issuer)};
}

Error not_acceptable(Error error) {
  error.message = "what was made would not be accepted: " + error.message;
  error.hint = "--trusted-root FILE names the instance that the services belong to";
  return error;
}

}  // namespace

Status Services::can_certify() const {
  const auto refuse = [](std::string_view why, std::string_view hint) {
    return Error{Code::usage_arguments, std::string(why), std::string(hint)};
  };
  if (!authority) return refuse("nobody was named who could certify the identity", "give --fulcio");
  if (logs.empty()) {
    return refuse("no log was named, and a certificate of ten minutes counts for nothing without",
                  "give --log");
  }
  const bool promised = std::ranges::any_of(
      logs, [](const TransparencyLogService& log) { return log.version == Version::rekor1; });
  if (promised || !timestamp_authorities.empty()) return ok();
  return refuse("nothing would say when the signature was made: the log is of version 2",
                "give --timestamp");
}

Status ServiceWitnesses::can_log(const crypto::PublicKey& key, bool envelope) const {
  for (const TransparencyLogService& log : services_.logs) {
    TS_CHECK(sign::can_log(log, key, envelope));
  }
  return ok();
}

Status ServiceWitnesses::certify(const IdentityToken& token, KeyDevice& device,
                                 const crypto::PublicKey& key) {
  TS_CHECK(services_.can_certify());
  const std::string holder = token.subject() + ", says " + token.issuer();
  if (certificate_ && holder != holder_) {
    return Error{Code::auth_identity_token,
                 "the identity token is for somebody else by now: " + printable(holder), ""};
  }
  holder_ = holder;
  TS_TRY(certificate_, ask_for_certificate(http_, *services_.authority, token, device, key));
  return ok();
}

bool ServiceWitnesses::certificate_lasts(std::chrono::sys_seconds now) const {
  if (!certificate_) return true;
  const auto lifetime = certificate_->not_after() - certificate_->not_before();
  return certificate_->not_after() - now >= lifetime / 5;
}

Status ServiceWitnesses::witness(const verify::SignedContent& content, const crypto::PublicKey& key,
                                 SigstoreBundle& bundle) {
  key_ = key;
  if (certificate_) bundle.material = CertificateChain{{certificate_->der()}};
  std::optional<crypto::Certificate> carried = certificate_;
  if (const auto* chain = std::get_if<CertificateChain>(&bundle.material); chain && !carried) {
    TS_TRY(carried, crypto::Certificate::from_der(chain->certificates.front()));
  }
  verify::LoggedSignature logged{content, bundle.signature(), &key};
  if (carried) logged.signer = &*carried;
  TS_CHECK(can_log(key, content.envelope() != nullptr));
  for (const ServiceAddress& authority : services_.timestamp_authorities) {
    TS_TRY(Bytes stamp, ask_for_timestamp(http_, authority, bundle.signature()));
    bundle.timestamps.push_back(std::move(stamp));
  }
  for (const TransparencyLogService& log : services_.logs) {
    TS_TRY(formats::LogEntry entry, log_signature(http_, log, logged));
    bundle.log_entries.push_back(std::move(entry));
  }
  return ok();
}

Result<verify::Demand> ServiceWitnesses::demand(const SigstoreBundle& bundle,
                                                const crypto::PublicKey& key) const {
  verify::Demand demand;
  demand.instances = {*instance_};
  const bool by_certificate = std::holds_alternative<CertificateChain>(bundle.material);
  if (certificate_) {
    TS_TRY(auto holder, holder_of(*certificate_));
    demand.identities.push_back(std::move(holder));
  } else if (!by_certificate) {
    demand.signers.push_back({trust::TrustedKey{key, "", {}, {}, ""}, "the signing key"});
    demand.require_log = !services_.logs.empty();
  }
  return demand;
}

Status ServiceWitnesses::check(const verify::Candidate& finished, const ToSign& what) {
  if (!instance_) return ok();
  TS_TRY(const SigstoreBundle bundle, SigstoreBundle::parse(std::get<Bytes>(finished.content)));
  // A certificate of somebody else's authority: make_bundle() judges it, and here its witnesses
  // are.
  const bool by_other_authority =
      !certificate_ && std::holds_alternative<CertificateChain>(bundle.material);
  verify::Witnesses witnesses;
  if (by_other_authority) {
    const auto* envelope = std::get_if<formats::DsseEnvelope>(&bundle.content);
    const verify::SignedContent content = envelope != nullptr
                                              ? verify::SignedContent(*envelope)
                                              : verify::SignedContent(what.artifact);
    TS_TRY(const auto leaf, crypto::Certificate::from_der(
                                std::get<CertificateChain>(bundle.material).certificates.front()));
    auto found = verify::find_witnesses(
        verify::WitnessMaterial::of(bundle), *instance_->root, {content, bundle.signature(), &leaf},
        {std::min<std::size_t>(services_.logs.size(), 1),
         std::min<std::size_t>(services_.timestamp_authorities.size(), 1), 0});
    if (!found) return not_acceptable(std::move(found).error());
    witnesses = *std::move(found);
  } else {
    TS_TRY(verify::Demand wanted, demand(bundle, *key_));
    wanted.content = what.content;
    auto evidence = verify::examine(finished, what.artifact, wanted, {});
    if (!evidence) return not_acceptable(std::move(evidence).error());
    witnesses = std::move(evidence->witnesses);
  }

  const auto stamps = std::ranges::count(witnesses.times, false, &verify::TimeFact::by_log);
  if (static_cast<std::size_t>(stamps) < bundle.timestamps.size()) {
    return not_acceptable({Code::time_missing, "a timestamp is by nobody who is trusted", ""});
  }
  if (witnesses.logs.size() < bundle.log_entries.size()) {
    return not_acceptable(
        {Code::signature_log_missing, "a log that holds it is none that is trusted", ""});
  }
  return ok();
}

}  // namespace touchstone::sign
