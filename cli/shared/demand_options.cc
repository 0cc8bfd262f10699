#include "cli/shared/demand_options.h"

#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/shared/attestation_files.h"
#include "cli/shared/command_info.h"
#include "cli/shared/output.h"
#include "cli/shared/trust_loading.h"
#include "formats/predicate_types.h"
#include "formats/trusted_root.h"

namespace touchstone::cli {
namespace {

// The system's clock, or an instant at which it stands; what measures intervals goes on.
class ClockAt : public Clock {
 public:
  explicit ClockAt(std::optional<std::chrono::sys_seconds> instant) : instant_(instant) {}
  std::chrono::sys_seconds now() const override { return instant_.value_or(clock_.now()); }
  std::chrono::steady_clock::time_point monotonic() const override { return clock_.monotonic(); }

 private:
  SystemClock clock_;
  std::optional<std::chrono::sys_seconds> instant_;
};

std::string names_of_predicates() {
  std::string names;
  for (const formats::PredicateName& known : formats::predicate_names()) {
    names += (names.empty() ? "" : ", ") + std::string(known.name);
  }
  return names;
}

}  // namespace

Result<crypto::PublicKey> read_public_key_file(const std::string& name) {
  for (const std::string_view scheme : {"pkcs11:", "yubikey:", "piv:"}) {
    if (name.starts_with(scheme)) {
      return Error{Code::usage_device_uri, "this program opens no key devices", ""};
    }
  }
  TS_TRY(const Bytes contents, read_trusted_file(name, limits::max_key_file_bytes));
  return crypto::PublicKey::from_file(contents);
}

void DemandOptions::declare(CLI::App& app, Subject subject) {
  subject_ = subject;
  app.add_option("-k,--key", keys_, "public key that may have signed (any of several)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  offer_roots(*app.add_option("--root", roots_,
                              "root of the trust store whose keys, or whose authorities' "
                              "certificates, may\nhave signed; \"sigstore\" is the public-good "
                              "instance")
                   ->type_name("NAME")
                   ->allow_extra_args(false));
  app.add_option("--trusted-root", trusted_roots_,
                 "trusted_root.json of a sigstore instance whose certificates may have signed, and "
                 "whose\nlogs and timestamps count")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--identity,--certificate-identity", identity_.exact,
                 "whose certificate it must be: its one alternative name, letter for letter")
      ->type_name("NAME");
  app.add_option("--issuer,--certificate-oidc-issuer", issuer_.exact,
                 "who must have vouched for the identity, letter for letter")
      ->type_name("URL");
  app.add_option("--identity-regexp,--certificate-identity-regexp", identity_.pattern,
                 "a pattern (RE2) that must match the whole name")
      ->type_name("PATTERN");
  app.add_option("--issuer-regexp,--certificate-oidc-issuer-regexp", issuer_.pattern,
                 "the same for the issuer")
      ->type_name("PATTERN");
  app.add_flag("--require-log", require_log_,
               "a transparency log must hold signatures by keys as well; --root sigstore or\n"
               "--trusted-root says which logs count");
  app.add_flag(
         "--require-hardware", hardware_,
         "the signing key must be attested to be in hardware, by what is kept with it in a "
         "root,\ngiven, or attached to the image; =touch,pin,fips,firmware>=5.7.0,serial=N,vendor="
         "NAME asks for more")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--key-attestation", key_attestations_,
                 "what a device attests of the signing key, as `touchstone key attest` prints it; "
                 "for\n--require-hardware")
      ->type_name("FILE")
      ->allow_extra_args(false);
  offer(*app.add_option("--type", type_,
                        "an attestation of this type must be signed, and not the " +
                            std::string(subject == Subject::image ? "image" : "file") +
                            ": a URI, \"any\", or one of\n" + names_of_predicates())
             ->type_name("TYPE"),
        {"any", "slsaprovenance", "slsaprovenance1", "spdxjson", "cyclonedx", "vuln", "openvex"});
  app.add_flag("--offline", offline_,
               subject == Subject::image ? "use only what is in image-layout folders and the trust "
                                           "store: no registry is asked"
                                         : "for scripts: a file is never judged by anything else "
                                           "than what is at hand");
  app.add_option("--at", at_, "judge as of then, for audits, and not as of now")->type_name("TIME");
  declare_trust(app, trust_);
  app.add_option("-a,--annotation", annotations_, "annotation that must be signed")
      ->type_name("K=V")
      ->allow_extra_args(false);
}

Result<const Clock*> DemandOptions::clock() {
  std::optional<std::chrono::sys_seconds> instant;
  if (!at_.empty()) {
    instant = parse_rfc3339(at_);
    if (!instant) {
      return Error{Code::usage_arguments, "--at: \"" + printable(at_) + "\" is no time",
                   "write it like 2026-01-31T23:59:59Z"};
    }
  }
  clock_ = std::make_unique<ClockAt>(instant);
  return clock_.get();
}

Result<std::optional<verify::TextMatch>> DemandOptions::match(const Name& name,
                                                              const char* option) {
  if (!name.exact && !name.pattern) return std::optional<verify::TextMatch>();
  if (name.exact && name.pattern) {
    return Error{Code::policy_identity, std::string(option) + " is given as a pattern as well", ""};
  }
  if (name.exact) {
    if (name.exact->empty()) {
      return Error{Code::policy_identity, std::string(option) + " is empty", ""};
    }
    return std::optional(verify::TextMatch::exact(*name.exact));
  }
  TS_TRY(verify::TextMatch pattern, verify::TextMatch::pattern(*name.pattern));
  if (const auto looseness = pattern.looseness()) {
    say("warning: " + std::string(option) + "-regexp " + pattern.describe() + ": " + *looseness);
  }
  return std::optional(std::move(pattern));
}

Status DemandOptions::add_identity(verify::Demand& demand) const {
  TS_TRY(auto subject, match(identity_, "--identity"));
  TS_TRY(auto issuer, match(issuer_, "--issuer"));
  if (!subject && !issuer) {
    if (!demand.instances.empty() && demand.signers.empty() && demand.authorities.empty()) {
      return Error{Code::policy_identity,
                   "a sigstore instance gives certificates to anybody: say whose counts", ""};
    }
    return ok();
  }
  if (!subject) return Error{Code::policy_identity, "--issuer goes with --identity", ""};
  if (!demand.signers.empty()) {
    return Error{Code::policy_identity,
                 "--identity names the holder of a certificate: it goes with authorities and "
                 "instances alone, where keys would count whoever holds them",
                 ""};
  }
  if (demand.authorities.empty() && demand.instances.empty()) {
    return Error{Code::policy_identity, "nobody was named whose certificates count",
                 "give --root sigstore, --trusted-root FILE, or a root of authorities"};
  }
  if (!demand.instances.empty() && !issuer) {
    return Error{Code::policy_identity,
                 "under a sigstore instance a name is only as good as who vouches for it",
                 "give --issuer"};
  }
  if (demand.instances.empty() && issuer) {
    return Error{Code::policy_identity,
                 "--issuer goes with sigstore instances; an authority of one's own is the issuer "
                 "itself",
                 ""};
  }
  demand.identities.push_back({*std::move(subject), std::move(issuer)});
  return ok();
}

Status DemandOptions::add_trusted_roots(verify::Demand& demand) const {
  for (const std::string& file : trusted_roots_) {
    TS_TRY(const Bytes contents, read_trusted_file(file, limits::max_trust_file_bytes));
    auto root = formats::TrustedRoot::parse(contents);
    if (!root) {
      Error error = std::move(root).error();
      error.message = printable(file) + ": " + error.message;
      return error;
    }
    demand.instances.push_back(
        {std::make_shared<formats::TrustedRoot>(*std::move(root)), "file " + printable(file)});
  }
  return ok();
}

Status DemandOptions::add_content(verify::Demand& demand) const {
  using Kind = verify::WantedContent::Kind;
  if (type_.empty()) {
    demand.content.kind = subject_ == Subject::image ? Kind::image_signature : Kind::file_signature;
    return ok();
  }
  demand.content.kind = Kind::attestation;
  if (type_ == "any") return ok();
  TS_TRY(demand.content.predicate_type, formats::predicate_type(type_));
  return ok();
}

// A file that is none is the user's mistake; what one says is judged with the signature.
Status DemandOptions::add_attestations(verify::Demand& demand) const {
  if (key_attestations_.size() > limits::max_key_attestations) {
    return Error{Code::usage_arguments, "too many attestations", ""};
  }
  for (const std::string& file : key_attestations_) {
    auto chain = read_attestation_file(file);
    if (!chain && chain.error().code == Code::hardware_malformed) {
      return Error{Code::format_file, chain.error().message, chain.error().hint};
    }
    if (!chain) return std::move(chain).error();
    demand.attestations.push_back(*std::move(chain));
  }
  return ok();
}

Status DemandOptions::add_hardware(verify::Demand& demand, const Clock& clock) const {
  if (hardware_.empty() && !key_attestations_.empty()) {
    return Error{Code::usage_arguments, "--key-attestation goes with --require-hardware", ""};
  }
  if (hardware_.empty()) return ok();
  TS_CHECK(add_attestations(demand));
  std::vector<std::string> asked;
  for (const std::string& item : hardware_) {
    if (item != "true") asked.push_back(item);
  }
  TS_TRY(demand.hardware, verify::HardwareDemand::parse(join(asked, ",")));
  TS_TRY(demand.vendors, demanded_vendors(*demand.hardware, trust_folder(trust_), clock));
  return ok();
}

bool DemandOptions::given() const {
  return !keys_.empty() || !roots_.empty() || !trusted_roots_.empty() || !annotations_.empty() ||
         identity_.exact || identity_.pattern || issuer_.exact || issuer_.pattern || require_log_ ||
         !hardware_.empty() || !key_attestations_.empty() || !type_.empty();
}

std::string DemandOptions::trust() const { return trust_folder(trust_); }

Result<verify::Demand> DemandOptions::demand(const Clock& clock) const {
  if (keys_.empty() && roots_.empty() && trusted_roots_.empty()) {
    return subject_ == Subject::file
               ? Error{Code::usage_no_trust, "nothing was given to judge the file by",
                       "give --key FILE, --root NAME or --trusted-root FILE"}
               : Error{Code::usage_no_trust, "nothing was given to judge the image by",
                       "options such as --annotation and --type go with --key or --root; what a "
                       "policy asks for stands in it"};
  }
  verify::Demand demand;
  TS_TRY(demand.annotations, parse_annotations(annotations_));
  for (const std::string& name : keys_) {
    auto key = reader_(name);
    if (!key) {
      Error error = std::move(key).error();
      error.message = "key \"" + printable(name) + "\": " + error.message;
      return error;
    }
    demand.signers.push_back(
        {trust::TrustedKey{*std::move(key), "", {}, {}, ""}, "key " + printable(name)});
  }
  TS_CHECK(add_roots(demand, trust_folder(trust_), roots_, clock));
  TS_CHECK(add_trusted_roots(demand));
  TS_CHECK(add_identity(demand));
  TS_CHECK(add_content(demand));
  TS_CHECK(add_hardware(demand, clock));
  demand.require_log = require_log_;
  if (require_log_ && demand.instances.empty()) {
    return Error{Code::policy_identity, "--require-log needs to know whose logs count",
                 "give --root sigstore or --trusted-root FILE"};
  }
  return demand;
}

}  // namespace touchstone::cli
