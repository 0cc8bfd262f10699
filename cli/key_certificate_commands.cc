// touchstone key certify, import-certificate
#include <chrono>

#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/device_options.h"
#include "cli/key_commands.h"
#include "cli/key_credentials.h"
#include "cli/shared/output.h"
#include "crypto/certificate_builder.h"
#include "crypto/distinguished_name.h"
#include "crypto/pem.h"
#include "hsm/keys.h"

namespace touchstone::cli {
namespace {

struct CertifyArguments {
  std::string key;
  std::string subject;
  std::vector<std::string> emails;
  std::vector<std::string> uris;
  unsigned days = 365;
  std::string ca_key;
  std::string ca_certificate;
  std::string ca_pin_file;
  std::string output;
  std::string input;
  bool authority = false;
  bool request = false;
  bool overwrite = false;
  CredentialOptions credentials;

  hsm::Existing existing() const {
    return overwrite ? hsm::Existing::replace : hsm::Existing::refuse;
  }
};

Status check_usage(const CertifyArguments& arguments) {
  const auto refused = [](const char* why) { return Error{Code::usage_arguments, why, ""}; };
  if (arguments.days == 0 || arguments.days > crypto::max_certificate_days) {
    return Error{Code::usage_arguments,
                 "--days is from 1 to " + std::to_string(crypto::max_certificate_days), ""};
  }
  if (arguments.ca_key.empty() != arguments.ca_certificate.empty()) {
    return refused("--ca-key and --ca-certificate belong together");
  }
  if (arguments.request && !arguments.ca_key.empty()) {
    return refused("a request is signed by its own key, not by an authority");
  }
  if (arguments.request && arguments.authority) {
    return refused("--request is for keys that sign, not for authorities");
  }
  return ok();
}

// The key that is certified and the place where its certificate will be kept, if it will.
struct Subject {
  std::unique_ptr<KeyDevice> device;
  std::unique_ptr<hsm::KeyManager> manager;  // null: the certificate goes elsewhere
};

Result<Subject> open_subject(const CertifyArguments& arguments) {
  Subject subject;
  TS_TRY(subject.device, hsm::open_key(arguments.key, arguments.credentials.key_options()));
  if (arguments.request || !arguments.output.empty()) return subject;
  TS_TRY(subject.manager,
         hsm::open_key_manager(arguments.key, arguments.credentials.key_options()));
  TS_TRY(const hsm::Holding holding, subject.manager->holding());
  if (holding.certificate && !arguments.overwrite) {
    return Error{Code::device_key_exists, "the key has a certificate already", ""};
  }
  return subject;
}

Result<crypto::CertificateFields> read_certificate(const std::string& path) {
  TS_TRY(const Bytes contents, read_file(path, limits::max_key_file_bytes));
  auto fields = crypto::CertificateFields::from_file(contents);
  if (!fields) {
    const Code code = fields.error().code;
    return in_context(fields.error(), code == Code::format_key ? Code::format_file : code,
                      "\"" + printable(path) + "\"");
  }
  return fields;
}

Result<crypto::CertificateSpec> spec_of(const CertifyArguments& arguments, Bytes name,
                                        KeyDevice& device) {
  TS_TRY(const Bytes spki, device.public_key());
  TS_TRY(auto public_key, crypto::PublicKey::from_der(spki));
  const auto now = SystemClock().now();
  // RFC 5280 section 4.1.2.5: both ends belong to the validity.
  const auto end = now + std::chrono::days(arguments.days) - std::chrono::seconds(1);
  return crypto::CertificateSpec{
      .subject = std::move(name),
      .public_key = std::move(public_key),
      .emails = arguments.emails,
      .uris = arguments.uris,
      .not_before = now,
      .not_after = end,
      .use = arguments.authority ? crypto::CertificateUse::authority
                                 : crypto::CertificateUse::code_signing,
  };
}

// Signed by the key itself.
Result<Bytes> self_signed(const CertifyArguments& arguments, Bytes name, const Subject& subject) {
  KeyDevice& device = *subject.device;
  TS_CHECK(arguments.credentials.unlock(device, subject.manager.get(), hsm::Change::certificate));
  TS_TRY(const auto spec, spec_of(arguments, std::move(name), device));
  if (arguments.request) return crypto::build_certificate_request(spec, device);
  return crypto::build_certificate(spec, nullptr, device);
}

// Signed by the authority; the key itself only lends its public half, but whoever stores the
// certificate beside it needs its PIN.
Result<Bytes> issued(const CertifyArguments& arguments, Bytes name, const Subject& subject) {
  TS_TRY(const auto authority, read_certificate(arguments.ca_certificate));
  TS_TRY(const auto ca, hsm::open_key(arguments.ca_key, options_with_touch_notice()));
  KeyDevice& device = *subject.device;
  if (device.describe().public_key.empty()) {
    TS_CHECK(arguments.credentials.unlock(device, subject.manager.get(), hsm::Change::certificate));
  } else if (subject.manager != nullptr) {
    TS_CHECK(arguments.credentials.authorize(*subject.manager, hsm::Change::certificate));
  }
  TS_TRY(const auto spec, spec_of(arguments, std::move(name), device));
  say("the authority " + authority.subject_text + " signs with " + ca->describe().device);
  const CredentialOptions ca_credentials(arguments.ca_pin_file, PinVariable::ignored);
  TS_CHECK(ca_credentials.unlock(*ca, nullptr, hsm::Change::certificate));
  return crypto::build_certificate(spec, &authority, *ca);
}

Result<std::string> certify(const CertifyArguments& arguments) {
  TS_CHECK(check_usage(arguments));
  TS_TRY(Bytes name, crypto::parse_distinguished_name(arguments.subject));
  TS_TRY(const Subject subject, open_subject(arguments));
  TS_TRY(const Bytes der, arguments.ca_key.empty()
                              ? self_signed(arguments, std::move(name), subject)
                              : issued(arguments, std::move(name), subject));
  const std::string pem =
      crypto::to_pem(arguments.request ? "CERTIFICATE REQUEST" : "CERTIFICATE", der);
  if (subject.manager != nullptr) {
    TS_CHECK(subject.manager->store_certificate(der, arguments.existing()));
    say("stored the certificate beside the key");
    return pem;
  }
  if (arguments.output.empty()) return pem;
  TS_CHECK(replace_file(arguments.output, as_bytes(pem), 0644));
  return std::string();
}

Result<std::string> import_certificate(const CertifyArguments& arguments) {
  TS_TRY(const auto certificate, read_certificate(arguments.input));
  TS_TRY(const auto manager,
         hsm::open_key_manager(arguments.key, arguments.credentials.key_options()));
  TS_TRY(const hsm::Holding holding, manager->holding());
  if (holding.public_key && !(*holding.public_key == certificate.public_key)) {
    return Error{Code::device_certificate,
                 "the certificate of " + certificate.subject_text + " is for another key", ""};
  }
  TS_CHECK(arguments.credentials.authorize(*manager, hsm::Change::certificate));
  TS_CHECK(manager->store_certificate(certificate.der, arguments.existing()));
  say("stored the certificate of " + certificate.subject_text);
  return std::string();
}

void declare_certify(CLI::App& command, CertifyArguments& arguments) {
  declare_key_name(command, arguments.key);
  command.add_option("--subject", arguments.subject, "such as \"CN=release,O=Example Ltd,C=DE\"")
      ->required()
      ->type_name("NAME");
  command.add_option("--days", arguments.days, "how long it is valid (default: 365)")
      ->type_name("N");
  command.add_option("--email", arguments.emails, "e-mail address of the signer")
      ->type_name("ADDRESS")
      ->allow_extra_args(false);
  command.add_option("--uri", arguments.uris, "URI of the signer")
      ->type_name("URI")
      ->allow_extra_args(false);
  command.add_option("--ca-key", arguments.ca_key, "key of the authority that signs")
      ->type_name("KEY");
  command.add_option("--ca-certificate", arguments.ca_certificate, "certificate of the authority")
      ->type_name("FILE");
  command
      .add_option("--ca-pin-file", arguments.ca_pin_file,
                  "read the PIN of the authority's key from FILE or descriptor fd:N")
      ->type_name("FILE");
  command.add_option("--output", arguments.output, "write it there and store nothing")
      ->type_name("FILE");
  command.add_flag("--authority", arguments.authority,
                   "make the key an authority, which signs the certificates of signers");
  command.add_flag("--request", arguments.request,
                   "make a PKCS#10 request for another's authority instead");
  command.add_flag("--overwrite", arguments.overwrite, "replace the certificate that is there");
  arguments.credentials.declare(command);
}

}  // namespace

void declare_key_certificates(CLI::App& key) {
  const auto arguments = std::make_shared<CertifyArguments>();
  CLI::App& certify_app = *key.add_subcommand(
      "certify",
      "Make a certificate for code signing. By the key itself, or by an authority whose key may "
      "be\n"
      "on a device too. Stores it beside the key and prints it in PEM.\n\n"
      "Examples:\n"
      "  touchstone key certify release.pem --subject 'CN=release,O=Example Ltd,C=DE'\n"
      "  touchstone key certify 'pkcs11:token=release;object=k1' --subject CN=release \\\n"
      "    --ca-key ca.pem --ca-certificate ca.pem.crt");
  declare_certify(certify_app, *arguments);
  set_action(certify_app, [arguments] { return show_result(certify(*arguments)); });

  CLI::App& import_app = *key.add_subcommand(
      "import-certificate",
      "Store the certificate in FILE beside the key that it is for.\n\n"
      "Example:\n  touchstone key import-certificate 'pkcs11:token=release;object=k1' k1.crt");
  declare_key_name(import_app, arguments->key);
  import_app.add_option("FILE", arguments->input, "certificate in PEM or DER")
      ->required()
      ->type_name("");
  import_app.add_flag("--overwrite", arguments->overwrite, "replace the certificate that is there");
  arguments->credentials.declare(import_app);
  set_action(import_app, [arguments] { return show_result(import_certificate(*arguments)); });
}

}  // namespace touchstone::cli
