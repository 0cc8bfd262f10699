// The services of a sigstore instance as witnesses of a signature: they certify its key, say when
// it was made and record it.
//
// Spec: sigstore client specification, "Signing". In order: certificate, signature (not here),
// timestamps, log entries.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "sign/certificate_service.h"
#include "sign/log_service.h"
#include "sign/make_bundle.h"
#include "sign/service.h"

namespace touchstone::sign {

struct Services {
  std::optional<ServiceAddress> authority;  // for certificates
  std::vector<TransparencyLogService> logs;
  std::vector<ServiceAddress> timestamp_authorities;

  // Whether a certificate of the authority can be used with these: a log must hold the signature,
  // and a log of version 1 or a timestamp say when it was made.
  // Errors: usage.arguments.
  Status can_certify() const;
};

class ServiceWitnesses : public Witnessing {
 public:
  // `instance` is what a verifier will trust; without one, nobody says whether the witnesses are
  // whom they claim to be, and only their answers are checked.
  ServiceWitnesses(HttpClient& http, Services services,
                   std::optional<verify::TrustedInstance> instance)
      : http_(http), services_(std::move(services)), instance_(std::move(instance)) {}

  // Whether every log takes signatures by this key. Errors: usage.arguments.
  Status can_log(const crypto::PublicKey& key, bool envelope) const;

  // Has the device's key certified, for the signatures that follow: one signature of the device.
  // Errors: as ask_for_certificate(); auth.identity-token also when it was certified before, for
  // somebody else.
  Status certify(const IdentityToken& token, KeyDevice& device, const crypto::PublicKey& key);

  // Whether the certificate lasts for a signature that is begun now, which others are yet to
  // witness: a fifth of its time must be left. True without one.
  bool certificate_lasts(std::chrono::sys_seconds now) const;

  // Errors: as ask_for_timestamp() and log_signature().
  Status witness(const verify::SignedContent& content, const crypto::PublicKey& key,
                 formats::SigstoreBundle& bundle) override;

  // All that was asked for must count: each log entry and timestamp, and the certificate.
  // Errors: as verify::examine().
  Status check(const verify::Candidate& finished, const ToSign& what) override;

 private:
  Result<verify::Demand> demand(const formats::SigstoreBundle& bundle,
                                const crypto::PublicKey& key) const;

  HttpClient& http_;
  Services services_;
  std::optional<verify::TrustedInstance> instance_;
  std::optional<crypto::Certificate> certificate_;
  std::string holder_;                    // whom the tokens named
  std::optional<crypto::PublicKey> key_;  // of the last signature that was witnessed
};

}  // namespace touchstone::sign
