#include "base/text.h"
#include "cli/commands.h"
#include "cli/public_keys.h"
#include "cli/shared/output.h"
#include "hsm/keys.h"

namespace touchstone::cli {
namespace {

std::string_view tries_text(KeyDescription::Tries tries) {
  switch (tries) {
    case KeyDescription::Tries::unknown:
      return "unknown";
    case KeyDescription::Tries::normal:
      return "all left";
    case KeyDescription::Tries::low:
      return "not all left";
    case KeyDescription::Tries::last:
      return "one left";
    case KeyDescription::Tries::locked:
      return "none left, the PIN is blocked";
  }
  return "";
}

// What there is to say about a key, one thing a line, without a PIN.
std::string describe(const KeyDescription& key) {
  std::string text = key.name + "\n  device:      " + key.device + "\n";
  const auto parsed = crypto::PublicKey::from_der(key.public_key);
  if (parsed) {
    text += "  kind:        " + parsed->kind_name() + "\n";
    text += "  fingerprint: " + parsed->fingerprint() + "\n";
  } else {
    text += "  kind:        " +
            (key.public_key.empty() ? "known only after the PIN" : parsed.error().message) + "\n";
  }
  if (key.needs_pin) {
    text += std::string("  PIN:         ") +
            (key.pin_for_each_signature ? "for each signature" : "once") +
            ", tries: " + std::string(tries_text(key.tries)) + "\n";
  }
  return text;
}

int show(const Result<std::string>& text) {
  if (!text) return complain(text.error());
  const auto printed = print(*text);
  return printed ? exit_accepted : complain(printed.error());
}

Result<std::string> list(const std::string& uri, const std::string& module) {
  hsm::KeyOptions options;
  options.module_path = module;
  TS_TRY(const auto keys, hsm::list_keys(uri, options));
  std::string text;
  for (const KeyDescription& key : keys) text += describe(key);
  if (keys.empty()) say("no keys can be seen without a PIN");
  return text;
}

Result<std::string> show_key(const std::string& name) {
  TS_TRY(const auto device, hsm::open_key(name));
  return describe(device->describe());
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

}  // namespace

void declare_key(CLI::App& app) {
  app.description(
      "Look at keys on devices and in files. No PIN is asked.\n\n"
      "KEY is a PKCS#11 URI (pkcs11:token=NAME;object=LABEL?module-path=/path/module.so)\n"
      "or the path of a PEM file.\n\n"
      "Example:\n  touchstone key list");
  app.require_subcommand(1);

  struct Arguments {
    std::string key;
    std::string module;
  };
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& list_app =
      *app.add_subcommand("list",
                          "List the keys of all tokens, or those that fit a URI.\n\n"
                          "Examples:\n"
                          "  touchstone key list\n"
                          "  touchstone key list --module /usr/lib/softhsm/libsofthsm2.so");
  list_app.add_option("URI", arguments->key, "PKCS#11 URI; only keys that fit it are listed")
      ->type_name("");
  list_app.add_option("--module", arguments->module, "PKCS#11 module (default: p11-kit's proxy)")
      ->type_name("FILE");
  set_action(list_app, [arguments] { return show(list(arguments->key, arguments->module)); });

  CLI::App& show_app = *app.add_subcommand("show",
                                           "Show one key: its device, kind, policies.\n\n"
                                           "Example:\n  touchstone key show release.pem");
  show_app.add_option("KEY", arguments->key, "PKCS#11 URI or PEM file")->required()->type_name("");
  set_action(show_app, [arguments] { return show(show_key(arguments->key)); });

  CLI::App& public_app = *app.add_subcommand(
      "public",
      "Print a key's public half in PEM.\n\n"
      "Example:\n  touchstone key public 'pkcs11:token=release;object=k1' > release.pub");
  public_app.add_option("KEY", arguments->key, "PKCS#11 URI or PEM file")
      ->required()
      ->type_name("");
  set_action(public_app, [arguments] { return show(public_pem(arguments->key)); });
}

}  // namespace touchstone::cli
