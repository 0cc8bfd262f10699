// touchstone key generate, import, delete
#include <string.h>  // explicit_bzero

#include "base/files.h"
#include "base/key_policy.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/device_options.h"
#include "cli/factory_state.h"
#include "cli/key_commands.h"
#include "cli/key_credentials.h"
#include "cli/pin_entry.h"
#include "cli/shared/output.h"
#include "cli/terminal.h"
#include "crypto/private_key.h"
#include "hsm/key_file.h"
#include "hsm/keys.h"

namespace touchstone::cli {
namespace {

struct ChangeArguments {
  std::string key;
  std::string input;
  std::string passphrase_file;
  std::string algorithm = "p256";
  std::string touch;
  std::string pin;
  bool overwrite = false;
  bool yes = false;
  CredentialOptions credentials;

  Result<hsm::KeyPolicies> policies() const;
  hsm::Existing existing() const {
    return overwrite ? hsm::Existing::replace : hsm::Existing::refuse;
  }
  Result<std::unique_ptr<hsm::KeyManager>> open_with_room() const;
};

Result<hsm::KeyPolicies> ChangeArguments::policies() const {
  const auto pin_wanted = pin_policy(pin);
  if (!pin.empty() && !pin_wanted) {
    return Error{Code::usage_arguments, "--pin is never, once or always", ""};
  }
  const auto touch_wanted = touch_policy(touch);
  if (!touch.empty() && !touch_wanted) {
    return Error{Code::usage_arguments, "--touch is never, always or cached", ""};
  }
  hsm::KeyPolicies policies;
  policies.pin = pin_wanted.value_or(PinPolicy::unspecified);
  policies.touch = touch_wanted.value_or(TouchPolicy::unknown);
  return policies;
}

Error exists(const hsm::Holding& holding, const hsm::KeyPlace& place) {
  return Error{Code::device_key_exists,
               place.device + " has that already: " + join(holding.things, ", "), ""};
}

// On a terminal, and without -y, a device that is as its maker sent it is offered PINs of its own
// first. Scripts get a warning with the commands: their key is as good, and the PINs can be changed
// later.
Result<ChosenSecrets> offer_own_secrets(const std::string& key) {
  TS_TRY(const auto pins, hsm::open_pin_manager(key, options_with_touch_notice()));
  ControllingTerminal terminal;
  return leave_factory_state(*pins, terminal);
}

// What was chosen a moment ago is not asked for again.
Status authorize(hsm::KeyManager& manager, ChosenSecrets chosen,
                 const CredentialOptions& credentials) {
  const hsm::Credential needed = manager.needed_for(hsm::Change::make_key);
  if (needed == hsm::Credential::pin && chosen.pin) {
    return manager.authorize(*std::move(chosen.pin));
  }
  if (needed == hsm::Credential::management_key && chosen.management_key) {
    return manager.authorize(*std::move(chosen.management_key));
  }
  return credentials.authorize(manager, hsm::Change::make_key);
}

// The place for the key, open to a change. What is in the way is refused or named and asked about:
// what can be seen without the PIN before the PIN is asked; the rest after.
Result<std::unique_ptr<hsm::KeyManager>> ChangeArguments::open_with_room() const {
  hsm::KeyOptions options = credentials.key_options();
  TS_TRY(auto manager, hsm::open_key_manager(key, options));
  TS_TRY(const hsm::Holding visible, manager->holding());
  if (!visible.things.empty() && !overwrite) return exists(visible, manager->place());
  if (!visible.things.empty()) TS_CHECK(can_confirm(yes));
  ChosenSecrets chosen;
  if (manager->place().factory_values && !yes && ControllingTerminal().present()) {
    manager.reset();
    TS_TRY(chosen, offer_own_secrets(key));
    // The one that was given is not the device's any more.
    if (chosen.management_key_changed) options.management_key_given = false;
    TS_TRY(manager, hsm::open_key_manager(key, options));
  }
  TS_CHECK(authorize(*manager, std::move(chosen), credentials));
  TS_TRY(const hsm::Holding whole, manager->holding());
  if (!whole.things.empty() && !overwrite) return exists(whole, manager->place());
  TS_CHECK(confirm_removal("will replace", whole.things, manager->place(), yes));
  return manager;
}

std::string announce(const hsm::MadeKey& made, std::string_view verb) {
  say(std::string(verb) + " " + made.public_key.kind_name() + " key " + printable(made.name));
  return made.public_key.pem();
}

Result<std::string> generate(const ChangeArguments& arguments) {
  TS_TRY(hsm::KeySpec spec, hsm::parse_algorithm(arguments.algorithm));
  TS_TRY(spec.policies, arguments.policies());
  TS_TRY(const auto manager, arguments.open_with_room());
  const bool long_key = spec.rsa_bits > 2048;
  if (long_key || (spec.rsa_bits != 0 && manager->place().hardware))
    say("making the key; that can take a minute on a device");
  TS_TRY(const hsm::MadeKey made, manager->generate(spec, arguments.existing()));
  return announce(made, "made");
}

Result<crypto::PrivateKey> read_private_key(const ChangeArguments& arguments) {
  TS_TRY(Bytes pem, read_file(arguments.input, limits::max_key_file_bytes));
  std::optional<Secret> passphrase;
  if (hsm::is_encrypted_key(pem)) {
    SecretRequest request;
    request.noun = "passphrase";
    request.device = "file \"" + printable(arguments.input) + "\"";
    request.file = arguments.passphrase_file;
    request.may_be_empty = hsm::is_cosign_key(pem);
    ControllingTerminal terminal;
    TS_TRY(passphrase, obtain_secret(request, terminal));
  } else {
    forbid_core_dumps();
  }
  auto key = hsm::read_private_key(pem, passphrase ? &*passphrase : nullptr);
  explicit_bzero(pem.data(), pem.size());
  if (!key) {
    const Code code = key.error().code;
    return in_context(key.error(), code, "\"" + printable(arguments.input) + "\"");
  }
  return key;
}

Result<std::string> import_key(const ChangeArguments& arguments) {
  TS_TRY(const hsm::KeyPolicies policies, arguments.policies());
  TS_TRY(const crypto::PrivateKey key, read_private_key(arguments));
  TS_TRY(const auto manager, arguments.open_with_room());
  TS_TRY(const hsm::MadeKey made, manager->import_key(key, policies, arguments.existing()));
  std::string text = announce(made, "imported");
  say("note: \"" + printable(arguments.input) + "\" still holds the private key");
  return text;
}

Result<std::string> remove(const ChangeArguments& arguments) {
  TS_TRY(const auto manager,
         hsm::open_key_manager(arguments.key, arguments.credentials.key_options()));
  TS_TRY(const hsm::Holding visible, manager->holding());
  if (visible.fixed) return *visible.fixed;
  TS_CHECK(can_confirm(arguments.yes));
  TS_CHECK(arguments.credentials.authorize(*manager, hsm::Change::remove_key));
  TS_TRY(const hsm::Holding holding, manager->holding());
  if (holding.things.empty()) {
    return Error{Code::device_key_not_found, manager->place().device + " has no such key", ""};
  }
  TS_CHECK(confirm_removal("will remove", holding.things, manager->place(), arguments.yes));
  TS_CHECK(manager->remove());
  for (const std::string& thing : holding.things) say("removed " + thing);
  return std::string();
}

void declare_making(CLI::App& command, ChangeArguments& arguments) {
  command.add_option("--pin", arguments.pin, "when the key wants the PIN: never, once or always")
      ->type_name("WHEN");
  command
      .add_option("--touch", arguments.touch,
                  "when it wants the device to be touched: never, always or cached")
      ->type_name("WHEN");
  command.add_flag("--overwrite", arguments.overwrite,
                   "replace the key and certificates of that name");
  command.add_flag("-y,--yes", arguments.yes,
                   "ask neither whether they may go, nor for new PINs of a new device");
  arguments.credentials.declare(command);
}

}  // namespace

void declare_key_changes(CLI::App& key) {
  const auto arguments = std::make_shared<ChangeArguments>();

  CLI::App& generate_app = *key.add_subcommand(
      "generate",
      "Make a key on a device, or in an encrypted file. Prints its public half in PEM.\n\n"
      "Examples:\n"
      "  touchstone key generate yubikey:9c --touch always > k1.pub\n"
      "  touchstone key generate 'pkcs11:token=release;object=k1' --algorithm p384 > k1.pub\n"
      "  touchstone key generate release.pem");
  declare_key_name(generate_app, arguments->key);
  generate_app
      .add_option("--algorithm", arguments->algorithm,
                  "p256 (default), p384, p521, rsa2048, rsa3072, rsa4096 or ed25519")
      ->type_name("NAME");
  declare_making(generate_app, *arguments);
  set_action(generate_app, [arguments] { return show_result(generate(*arguments)); });

  CLI::App& import_app = *key.add_subcommand(
      "import",
      "Bring the private key of FILE onto a device, or into an encrypted file. Prints its public\n"
      "half in PEM. Whoever had the file can have kept the key: generate one where you can.\n\n"
      "Example:\n  touchstone key import 'pkcs11:token=release;object=k1' old.pem");
  declare_key_name(import_app, arguments->key);
  import_app.add_option("FILE", arguments->input, "private key in PEM")->required()->type_name("");
  import_app
      .add_option("--passphrase-file", arguments->passphrase_file,
                  "read the passphrase of FILE from FILE or descriptor fd:N")
      ->type_name("FILE");
  declare_making(import_app, *arguments);
  set_action(import_app, [arguments] { return show_result(import_key(*arguments)); });

  CLI::App& delete_app = *key.add_subcommand(
      "delete",
      "Remove a key: both its halves and its certificates, after naming them.\n\n"
      "Example:\n  touchstone key delete 'pkcs11:token=release;object=k1'");
  declare_key_name(delete_app, arguments->key);
  delete_app.add_flag("-y,--yes", arguments->yes, "do not ask whether they may go");
  arguments->credentials.declare(delete_app);
  set_action(delete_app, [arguments] { return show_result(remove(*arguments)); });
}

}  // namespace touchstone::cli
