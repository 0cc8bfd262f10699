#include "hsm/keys.h"

#include <array>

#include "base/text.h"
#include "hsm/key_file.h"
#include "hsm/key_file_manager.h"
#include "hsm/pkcs11_device.h"
#include "hsm/pkcs11_manager.h"
#include "hsm/pkcs11_pins.h"
#include "hsm/pkcs11_uri.h"

namespace touchstone::hsm {
namespace {

constexpr std::array<std::string_view, 2> card_prefixes = {"yubikey:", "piv:"};

bool names_card(std::string_view key) {
  for (const std::string_view prefix : card_prefixes) {
    if (key.starts_with(prefix)) return true;
  }
  return false;
}

Error card_refused() {
  return Error{Code::usage_key_uri, "PIV cards are reached through their PKCS#11 module here",
               "pkcs11:token=NAME?module-name=ykcs11 for a YubiKey, or module-name=opensc-pkcs11"};
}

Result<std::string> module_of(const Pkcs11Uri& uri, const KeyOptions& options) {
  if (!uri.module_path.empty()) return uri.module_path;
  if (!uri.module_name.empty()) return find_module(uri.module_name, options.folders);
  if (!options.module_path.empty()) return options.module_path;
  return default_module(options.folders);
}

// A URI that is to name a key, not one of its other halves.
Result<Pkcs11Uri> key_uri_of(std::string_view key) {
  TS_TRY(auto uri, Pkcs11Uri::parse(key));
  if (uri.type && *uri.type != Pkcs11Uri::Type::private_key) {
    return Error{Code::usage_key_uri, "the key's URI names something other than a private key",
                 "leave out \"type\", or write type=private"};
  }
  return uri;
}

}  // namespace

bool names_device(std::string_view key) { return is_pkcs11_uri(key) || names_card(key); }

Result<std::unique_ptr<KeyDevice>> open_key(std::string_view key, const KeyOptions& options) {
  if (names_card(key)) return card_refused();
  if (!is_pkcs11_uri(key)) return open_key_file(key);
  TS_TRY(const auto uri, key_uri_of(key));
  TS_TRY(const std::string module, module_of(uri, options));
  return open_token_key(uri, module);
}

Result<std::vector<KeyDescription>> list_keys(std::string_view uri, const KeyOptions& options) {
  if (names_card(uri)) return card_refused();
  TS_TRY(const auto wanted, Pkcs11Uri::parse(uri.empty() ? "pkcs11:" : uri));
  TS_TRY(const std::string module, module_of(wanted, options));
  return list_token_keys(wanted, module);
}

Result<crypto::PublicKey> read_public_key(std::string_view uri, const KeyOptions& options) {
  if (names_card(uri)) return card_refused();
  TS_TRY(const auto wanted, Pkcs11Uri::parse(uri));
  TS_TRY(const std::string module, module_of(wanted, options));
  return read_token_public_key(wanted, module);
}

Result<std::unique_ptr<KeyManager>> open_key_manager(std::string_view key,
                                                     const KeyOptions& options) {
  if (names_card(key)) return card_refused();
  if (!is_pkcs11_uri(key)) return open_key_file_manager(key);
  TS_TRY(const auto uri, key_uri_of(key));
  TS_TRY(const std::string module, module_of(uri, options));
  return open_token_key_manager(uri, module);
}

Result<std::unique_ptr<PinManager>> open_pin_manager(std::string_view name,
                                                     const KeyOptions& options) {
  if (names_card(name)) return card_refused();
  if (!is_pkcs11_uri(name)) return open_key_file_pins(name);
  TS_TRY(const auto uri, Pkcs11Uri::parse(name));
  TS_TRY(const std::string module, module_of(uri, options));
  return open_token_pin_manager(uri, module);
}

}  // namespace touchstone::hsm
