// The options that say who else vouches for a signature: certificate authority, logs, timestamp
// authorities.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/shared/application.h"
#include "net/curl_client.h"
#include "sign/identity_token.h"
#include "sign/service_witnesses.h"

namespace touchstone::cli {

class WitnessOptions {
 public:
  void declare(CLI::App& command);

  // Whether any of them was given: then a signature is more than its key's.
  bool given() const;
  // Whether the key is to be certified for whoever an identity token names.
  bool keyless() const { return !identity_token_.empty(); }

  // What can be said without asking anybody. Errors: usage.arguments.
  Status check_usage(bool has_key, bool has_certificate) const;

  // Reads the token and the files and finds the logs; the token is not over. Says who will be
  // asked. Before any device is opened, or PIN asked.
  // Errors: usage.*, auth.identity-token, format.file, trust.*, network.*.
  Status open(const net::Proxies& proxies, const Clock& clock);

  // Null: nobody else vouches. After open().
  sign::ServiceWitnesses* witnesses() const { return witnesses_.get(); }

  // A key to sign with that is made now, when the user has none.
  static std::unique_ptr<KeyDevice> ephemeral_key();

  // How many signatures of the device this costs.
  std::size_t signatures() const { return keyless() ? 1 : 0; }

  // Has the key certified, where that is asked for; says for whom. The device is unlocked.
  // Errors: as sign::ask_for_certificate(), usage.arguments when a log takes no such key.
  Status certify(KeyDevice& device, const crypto::PublicKey& key, bool envelope);

  // Whether the certificate lasts for another signature; and has the key certified again where it
  // does not, for the same identity: one more signature of the device. A token that is over is
  // read again from where it came from, but for standard input.
  // Errors: as certify(); usage.file, auth.identity-token.
  bool certificate_lasts(const Clock& clock) const;
  Status certify_again(KeyDevice& device, const crypto::PublicKey& key, const Clock& clock);

  // The trust store's folder, as it was given.
  const std::string& trust() const { return trust_; }

 private:
  Result<sign::Services> services(const Clock& clock);
  Status add_configured(sign::Services& services, const Clock& clock) const;
  Result<std::optional<verify::TrustedInstance>> instance(const Clock& clock) const;
  Result<verify::TrustedInstance> named_instance(const Clock& clock) const;
  Status read_token(const Clock& clock);
  void tell(const sign::Services& services) const;

  std::string identity_token_;
  std::string fulcio_;
  std::vector<std::string> logs_;
  std::vector<std::string> timestamps_;
  std::string signing_config_;
  std::string trusted_root_;
  std::string root_;
  std::string trust_;
  std::string service_ca_;

  std::unique_ptr<net::CurlClient> http_;
  std::optional<sign::IdentityToken> token_;
  std::unique_ptr<sign::ServiceWitnesses> witnesses_;
};

}  // namespace touchstone::cli
