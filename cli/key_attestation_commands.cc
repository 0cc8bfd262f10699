// touchstone key attest, check-attestation
#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/key_commands.h"
#include "cli/public_keys.h"
#include "cli/shared/attestation_files.h"
#include "cli/shared/certificate_files.h"
#include "cli/shared/output.h"
#include "hsm/keys.h"
#include "verify/attestation.h"

namespace touchstone::cli {
namespace {

struct AttestationArguments {
  std::string key;
  std::string file;
  std::string public_key;
  std::string authorities;
  std::string output = "text";
};

Result<std::string> attest(const AttestationArguments& arguments) {
  TS_TRY(const auto chain, hsm::read_attestation(arguments.key));
  return crypto::attestation_pem(chain);
}

// The maker who counts: the one of the file that was given, else the one that is built in.
Result<trust::HardwareVendor> maker(const AttestationArguments& arguments) {
  if (arguments.authorities.empty()) return trust::HardwareVendor::yubico();
  trust::HardwareVendor own{"own", "file " + printable(arguments.authorities), {}};
  TS_TRY(own.anchors, read_certificate_file(arguments.authorities));
  for (const crypto::Certificate& anchor : own.anchors) {
    TS_CHECK(trust::check_hardware_authority(anchor));
  }
  return own;
}

Result<std::string> check(const AttestationArguments& arguments) {
  if (arguments.output != "text" && arguments.output != "json") {
    return Error{Code::usage_arguments, "--output is text or json", ""};
  }
  TS_TRY(const auto vendor, maker(arguments));
  TS_TRY(const auto chain, read_attestation_file(arguments.file));
  if (!arguments.public_key.empty()) {
    TS_TRY(const auto wanted, read_public_key(arguments.public_key));
    TS_CHECK(verify::check_attested_key(chain.front().key(), wanted));
  }
  TS_TRY(const auto attested,
         verify::judge_attestation(chain, std::span(&vendor, 1), SystemClock().now()));
  if (arguments.output == "json") return formats::to_text(verify::to_json(attested)) + "\n";
  return join(verify::describe(attested), "\n") + "\n";
}

}  // namespace

void declare_key_attestations(CLI::App& key) {
  const auto arguments = std::make_shared<AttestationArguments>();
  CLI::App& attest_app = *key.add_subcommand(
      "attest",
      "Print what the key's device attests of it. In PEM: the key's attestation, then the device's "
      "own\ncertificate. Only keys that were made on a YubiKey have one. No PIN is asked.\n\n"
      "Example:\n  touchstone key attest yubikey:9c > release.attestation.pem");
  declare_key_name(attest_app, arguments->key);
  set_action(attest_app, [arguments] { return show_result(attest(*arguments)); });

  CLI::App& check_app = *key.add_subcommand(
      "check-attestation",
      "Judge whether a key was made in hardware and stays there. By what its device attests, which "
      "must\nlead to a root of the device's maker. Prints the device, its firmware and the key's "
      "policies.\n\n"
      "Exit status: 0 it holds, 1 refused, 2 wrong usage.\n\n"
      "Example:\n  touchstone key check-attestation release.attestation.pem --key release.pub");
  check_app
      .add_option("FILE", arguments->file,
                  "PEM: the key's attestation, then the device's certificate, then any above")
      ->required()
      ->type_name("");
  check_app.add_option("-k,--key", arguments->public_key, "it must be of this public key")
      ->type_name("FILE");
  check_app
      .add_option("--hardware-ca", arguments->authorities,
                  "authorities that count instead of those of Yubico, which are built in")
      ->type_name("FILE");
  check_app.add_option("-o,--output", arguments->output, "text (default) or json")
      ->type_name("FORMAT");
  set_action(check_app, [arguments] { return show_result(check(*arguments)); });
}

}  // namespace touchstone::cli
