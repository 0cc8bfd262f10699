#include "cli/witness_options.h"

#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/identity_source.h"
#include "cli/shared/command_info.h"
#include "cli/shared/output.h"
#include "cli/shared/system.h"
#include "cli/shared/trust_loading.h"
#include "formats/signing_config.h"
#include "sign/ephemeral_key.h"
#include "trust/built_in.h"

namespace touchstone::cli {
namespace {

using sign::ServiceAddress;
using sign::TransparencyLogService;

// An address of the user's configuration, which must be one.
Result<ServiceAddress> address_of(const formats::Service& service) {
  return ServiceAddress::parse(service.url);
}

Result<verify::TrustedInstance> instance_of(ByteView contents, std::string source) {
  TS_TRY(auto root, formats::TrustedRoot::parse(contents));
  return verify::TrustedInstance{std::make_shared<formats::TrustedRoot>(std::move(root)),
                                 std::move(source)};
}

Error in_file(Error error, const std::string& file) {
  error.message = printable(file) + ": " + error.message;
  return error;
}

}  // namespace

void WitnessOptions::declare(CLI::App& app) {
  app.add_option("--identity-token", identity_token_,
                 "have a key certified for the identity that this token proves: a file, env:NAME, "
                 "\"-\"\nfor standard input, or \"ci\" for the token of the CI system. Without "
                 "--key the key is\nmade for this and forgotten")
      ->type_name("SRC");
  app.add_option("--fulcio", fulcio_, "certificate authority that takes the token")
      ->type_name("URL");
  app.add_option("--log", logs_, "transparency log (Rekor) that is to hold the signature")
      ->type_name("URL")
      ->allow_extra_args(false);
  app.add_option("--timestamp", timestamps_,
                 "timestamp authority (RFC 3161) that is to say when it was made")
      ->type_name("URL")
      ->allow_extra_args(false);
  app.add_option("--signing-config", signing_config_,
                 "signing_config.json of a sigstore instance, which names all of these; with\n"
                 "--identity-token and none of them, the public-good instance's")
      ->type_name("FILE");
  app.add_option("--trusted-root", trusted_root_,
                 "trusted_root.json that what was made must satisfy before it goes anywhere "
                 "(default:\nthe public-good instance's)")
      ->type_name("FILE");
  offer_roots(
      *app.add_option("--root", root_, "the same by the name that it has in the trust store")
           ->type_name("NAME"));
  declare_trust(app, trust_);
  app.add_option("--service-ca", service_ca_,
                 "certificate authorities of these services' TLS, instead of the system's")
      ->type_name("FILE");
}

bool WitnessOptions::given() const {
  return keyless() || !logs_.empty() || !timestamps_.empty() || !signing_config_.empty();
}

Status WitnessOptions::check_usage(bool has_key, bool has_certificate) const {
  const auto refuse = [](std::string message, std::string hint = "") {
    return Error{Code::usage_arguments, std::move(message), std::move(hint)};
  };
  if (!has_key && !keyless()) {
    return refuse("there is nothing to sign with",
                  "give --key KEY, or --identity-token SRC to sign without a key of one's own");
  }
  if (keyless() && has_certificate) {
    return refuse("--identity-token and --certificate exclude each other");
  }
  if (!signing_config_.empty() && !(fulcio_.empty() && logs_.empty() && timestamps_.empty())) {
    return refuse("--signing-config names the services, and so do --fulcio, --log and --timestamp",
                  "give one or the other");
  }
  if (!fulcio_.empty() && !keyless()) return refuse("--fulcio needs --identity-token");
  if (!given() && !(trusted_root_.empty() && root_.empty() && service_ca_.empty())) {
    return refuse(
        "--root, --trusted-root and --service-ca go with --log, --timestamp, --signing-config or "
        "--identity-token");
  }
  if (!root_.empty() && !trusted_root_.empty()) {
    return refuse("--root and --trusted-root exclude each other");
  }
  return ok();
}

Status WitnessOptions::add_configured(sign::Services& services, const Clock& clock) const {
  std::string_view built_in = trust::sigstore_signing_config;
  Bytes contents(built_in.begin(), built_in.end());
  if (!signing_config_.empty()) {
    TS_TRY(contents, read_trusted_file(signing_config_, limits::max_trust_file_bytes));
  }
  const auto config = formats::SigningConfig::parse(contents);
  if (!config) return in_file(config.error(), signing_config_);
  TS_TRY(const auto selected, config->select(Instant(clock.now())));
  if (keyless() && selected.authority) {
    TS_TRY(services.authority, address_of(*selected.authority));
  }
  for (const formats::Service& log : selected.logs) {
    TS_TRY(ServiceAddress address, address_of(log));
    services.logs.push_back(
        {std::move(address), static_cast<TransparencyLogService::Version>(log.api_version)});
  }
  for (const formats::Service& authority : selected.timestamp_authorities) {
    TS_TRY(ServiceAddress address, address_of(authority));
    services.timestamp_authorities.push_back(std::move(address));
  }
  return ok();
}

Result<sign::Services> WitnessOptions::services(const Clock& clock) {
  sign::Services services;
  const bool named = !(fulcio_.empty() && logs_.empty() && timestamps_.empty());
  if (!named) {
    TS_CHECK(add_configured(services, clock));
  }
  if (!fulcio_.empty()) {
    TS_TRY(services.authority, ServiceAddress::parse(fulcio_));
  }
  for (const std::string& url : timestamps_) {
    TS_TRY(ServiceAddress address, ServiceAddress::parse(url));
    services.timestamp_authorities.push_back(std::move(address));
  }
  for (const std::string& url : logs_) {
    TS_TRY(auto log, sign::find_log_service(*http_, url));
    services.logs.push_back(std::move(log));
  }
  if (keyless()) {
    TS_CHECK(services.can_certify());
  }
  return services;
}

// The one sigstore instance that the root holds.
Result<verify::TrustedInstance> WitnessOptions::named_instance(const Clock& clock) const {
  verify::Demand held;
  TS_CHECK(add_roots(held, trust_folder(trust_), {root_}, clock));
  if (held.instances.size() == 1) return held.instances.front();
  return Error{Code::policy_root_kind,
               "root \"" + root_ + "\" holds " +
                   (held.instances.empty() ? "no sigstore instance" : "several sigstore instances"),
               "--trusted-root FILE names one"};
}

// Whoever gives timestamps alone may have any authority make them: then nobody says whose word it
// is, unless --trusted-root does.
Result<std::optional<verify::TrustedInstance>> WitnessOptions::instance(const Clock& clock) const {
  std::optional<verify::TrustedInstance> out;
  if (!root_.empty()) {
    TS_TRY(out, named_instance(clock));
  } else if (!trusted_root_.empty()) {
    TS_TRY(const Bytes contents, read_trusted_file(trusted_root_, limits::max_trust_file_bytes));
    auto instance = instance_of(contents, "file " + printable(trusted_root_));
    if (!instance) return in_file(std::move(instance).error(), trusted_root_);
    out = *std::move(instance);
  } else if (keyless() || !logs_.empty() || !signing_config_.empty()) {
    TS_TRY(out, instance_of(as_bytes(trust::sigstore_trusted_root), "root \"sigstore\""));
  } else {
    say("note: whether the timestamp's authority is to be trusted is not checked; --root or "
        "--trusted-root names who is");
  }
  return out;
}

// What leaves this machine, and for whose eyes.
void WitnessOptions::tell(const sign::Services& services) const {
  if (token_ && services.authority) {
    say("the certificate is for " + printable(token_->subject()) + ", says " +
        printable(token_->issuer()) + "; asks " + services.authority->host());
  }
  for (const ServiceAddress& authority : services.timestamp_authorities) {
    say("timestamps are by " + authority.host());
  }
  for (const TransparencyLogService& log : services.logs) {
    say("the log at " + log.address.host() +
        " will hold the signature and who made it, for all to "
        "see");
  }
}

Status WitnessOptions::open(const net::Proxies& proxies, const Clock& clock) {
  if (!given()) return ok();
  net::CurlOptions options;
  options.ca_file = service_ca_;
  options.proxies = proxies;
  options.low_speed_time = limits::service_timeout;  // a log is silent until its next checkpoint
  http_ = std::make_unique<net::CurlClient>(options);
  if (keyless()) {
    TS_CHECK(read_token(clock));
  }
  TS_TRY(auto trusted, instance(clock));
  TS_TRY(sign::Services wanted, services(clock));
  tell(wanted);
  witnesses_ =
      std::make_unique<sign::ServiceWitnesses>(*http_, std::move(wanted), std::move(trusted));
  return ok();
}

Status WitnessOptions::read_token(const Clock& clock) {
  // What came over standard input comes once.
  const bool held = token_ && identity_token_ == "-";
  TS_TRY(const Secret text, held ? Secret::holding(token_->text().reveal())
                                 : read_identity_token(identity_token_, *http_));
  TS_TRY(token_, sign::IdentityToken::parse(text, clock.now()));
  return ok();
}

std::unique_ptr<KeyDevice> WitnessOptions::ephemeral_key() {
  return std::make_unique<sign::EphemeralKey>();
}

Status WitnessOptions::certify(KeyDevice& device, const crypto::PublicKey& key, bool envelope) {
  if (!witnesses_) return ok();
  TS_CHECK(witnesses_->can_log(key, envelope));
  if (!token_) return ok();
  return witnesses_->certify(*token_, device, key);
}

bool WitnessOptions::certificate_lasts(const Clock& clock) const {
  return !witnesses_ || witnesses_->certificate_lasts(clock.now());
}

Status WitnessOptions::certify_again(KeyDevice& device, const crypto::PublicKey& key,
                                     const Clock& clock) {
  say("the certificate ends soon: asks for another");
  if (token_->ends() <= clock.now()) {
    TS_CHECK(read_token(clock));
  }
  return witnesses_->certify(*token_, device, key);
}

}  // namespace touchstone::cli
