// touchstone key list, show, public
#include "base/text.h"
#include "cli/commands.h"
#include "cli/key_commands.h"
#include "cli/key_text.h"
#include "cli/public_keys.h"
#include "cli/shared/output.h"
#include "hsm/keys.h"
#include "verify/attestation.h"

namespace touchstone::cli {
namespace {

struct ShowArguments {
  std::string key;
  std::string module;
  std::string output = "text";
};

Result<std::string> shown(const std::vector<KeyDescription>& keys, const std::string& output,
                          const Result<verify::AttestedKey>* attested = nullptr) {
  if (output == "json") return to_json(keys, attested);
  if (output != "text") return Error{Code::usage_arguments, "--output is text or json", ""};
  std::string text;
  for (const KeyDescription& key : keys) text += describe(key);
  return text + (attested != nullptr ? describe(*attested) : "");
}

// What the device attests of its key, judged under the roots that come with the program. Absent for
// keys that nothing could attest.
std::optional<Result<verify::AttestedKey>> attestation_of(const std::string& key) {
  const auto chain = hsm::read_attestation(key);
  if (!chain && chain.error().code == Code::device_cannot_attest) return std::nullopt;
  if (!chain) return Result<verify::AttestedKey>(chain.error());
  const auto yubico = trust::HardwareVendor::yubico();
  if (!yubico) return Result<verify::AttestedKey>(yubico.error());
  return verify::judge_attestation(*chain, std::span(&*yubico, 1), SystemClock().now());
}

Result<std::string> list(const ShowArguments& arguments) {
  hsm::KeyOptions options;
  options.module_path = arguments.module;
  TS_TRY(const auto list, hsm::list_keys(arguments.key, options));
  for (const std::string& note : list.notes) say("note: " + note);
  if (list.keys.empty()) say("no keys can be seen without a PIN");
  return shown(list.keys, arguments.output);
}

Result<std::string> show_key(const ShowArguments& arguments) {
  TS_TRY(const auto device, hsm::open_key(arguments.key));
  KeyDescription description = device->describe();
  // A device that nothing can be written to has no manager, and is shown without certificates.
  if (const auto manager = hsm::open_key_manager(arguments.key)) {
    const auto holding = (*manager)->holding();
    if (holding && holding->certificate) description.certificate = *holding->certificate;
  }
  const auto attested = attestation_of(arguments.key);
  return shown({description}, arguments.output, attested ? &*attested : nullptr);
}

// The public half of a private key file, or what a device or public key file holds.
Result<std::string> public_pem(const std::string& name) {
  auto key = read_public_key(name);
  if (!key && !hsm::names_device(name)) {
    TS_TRY(const auto device, hsm::open_key(name));
    TS_TRY(const Bytes der, device->public_key());
    key = crypto::PublicKey::from_der(der);
  }
  if (!key) return std::move(key).error();
  return key->pem();
}

void declare_output(CLI::App& command, std::string& output) {
  command.add_option("-o,--output", output, "text (default) or json")->type_name("FORMAT");
}

}  // namespace

CLI::Option& declare_key_name(CLI::App& command, std::string& name) {
  return *command.add_option("KEY", name, "yubikey:SLOT, PKCS#11 URI or PEM file")
              ->required()
              ->type_name("");
}

int show_result(const Result<std::string>& text) {
  if (!text) return complain(text.error());
  const auto printed = print(*text);
  return printed ? exit_accepted : complain(printed.error());
}

void declare_key(CLI::App& app) {
  app.description(
      "Make, show, certify and remove keys on devices and in files.\n\n"
      "KEY is a PIV card's (yubikey:9c, yubikey:serial=12345678;slot=9c, "
      "piv:reader=NAME;slot=9c),\n"
      "a PKCS#11 URI (pkcs11:token=NAME;object=LABEL?module-path=/path/module.so)\n"
      "or the path of a PEM file.\n\n"
      "Example:\n  touchstone key list");
  app.require_subcommand(1);

  const auto arguments = std::make_shared<ShowArguments>();
  CLI::App& list_app = *app.add_subcommand(
      "list",
      "List the keys of all tokens, or those that fit a name. No PIN is asked.\n\n"
      "Examples:\n"
      "  touchstone key list\n"
      "  touchstone key list --module /usr/lib/softhsm/libsofthsm2.so");
  list_app
      .add_option("URI", arguments->key,
                  "PKCS#11 URI, yubikey: or piv:; only keys that fit it are listed")
      ->type_name("");
  list_app
      .add_option("--module", arguments->module,
                  "PKCS#11 module, and no PIV cards (default: p11-kit's proxy)")
      ->type_name("FILE");
  declare_output(list_app, arguments->output);
  set_action(list_app, [arguments] { return show_result(list(*arguments)); });

  CLI::App& show_app = *app.add_subcommand(
      "show",
      "Show one key: its device, kind, policies, certificate, attestation. No PIN is asked.\n\n"
      "Example:\n  touchstone key show release.pem");
  declare_key_name(show_app, arguments->key);
  declare_output(show_app, arguments->output);
  set_action(show_app, [arguments] { return show_result(show_key(*arguments)); });

  CLI::App& public_app = *app.add_subcommand(
      "public",
      "Print a key's public half in PEM.\n\n"
      "Example:\n  touchstone key public 'pkcs11:token=release;object=k1' > release.pub");
  declare_key_name(public_app, arguments->key);
  set_action(public_app, [arguments] { return show_result(public_pem(arguments->key)); });

  declare_key_changes(app);
  declare_key_certificates(app);
  declare_key_attestations(app);
  declare_key_pins(app);
}

}  // namespace touchstone::cli
