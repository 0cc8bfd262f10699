#include "hsm/keys.h"

#include <iterator>

#include "hsm/isolated_keys.h"
#include "hsm/key_file.h"
#include "hsm/key_file_manager.h"
#include "hsm/nonce_watch.h"
#include "hsm/pcsc_cards.h"
#include "hsm/piv_attestation.h"
#include "hsm/piv_manager.h"
#include "hsm/piv_name.h"
#include "hsm/piv_pins.h"
#include "hsm/pkcs11_uri.h"

namespace touchstone::hsm {
namespace {

Result<std::shared_ptr<CardReaders>> readers_of(const KeyOptions& options) {
  if (options.readers != nullptr) return options.readers;
  TS_TRY(auto readers, open_card_readers());
  return std::shared_ptr<CardReaders>(std::move(readers));
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

Result<KeyList> list_cards(const PivName& name, const KeyOptions& options) {
  TS_TRY(const auto readers, readers_of(options));
  TS_TRY(auto list, list_piv_keys(*readers, name));
  return KeyList{std::move(list.keys), std::move(list.notes)};
}

Result<KeyList> list_tokens(std::string_view uri, const KeyOptions& options) {
  TS_TRY(const auto wanted, Pkcs11Uri::parse(uri));
  TS_TRY(const std::string module, module_of(wanted, options));
  TS_TRY(auto keys, list_isolated_keys(wanted, module, options.patience));
  return KeyList{std::move(keys), {}};
}

Result<KeyList> list_everything(const KeyOptions& options) {
  PivName any;
  any.any_maker = true;
  auto cards = list_cards(any, options);
  auto tokens = list_tokens("pkcs11:", options);
  if (!cards && !tokens) return tokens;
  KeyList all = cards ? *std::move(cards) : KeyList{{}, {cards.error().message}};
  if (!tokens) {
    all.notes.push_back(tokens.error().message);
    return all;
  }
  all.keys.insert(all.keys.end(), std::make_move_iterator(tokens->keys.begin()),
                  std::make_move_iterator(tokens->keys.end()));
  return all;
}

}  // namespace

bool names_device(std::string_view key) { return is_pkcs11_uri(key) || is_piv_name(key); }

Result<std::unique_ptr<KeyDevice>> open_key(std::string_view key, const KeyOptions& options) {
  if (is_piv_name(key)) {
    TS_TRY(const auto name, PivName::parse(key));
    TS_TRY(auto readers, readers_of(options));
    TS_TRY(auto opened, open_piv_key(std::move(readers), name, options.on_touch));
    return watch_nonces(std::move(opened));
  }
  if (!is_pkcs11_uri(key)) return open_key_file(key);
  TS_TRY(const auto uri, key_uri_of(key));
  TS_TRY(const std::string module, module_of(uri, options));
  TS_TRY(auto opened, open_isolated_key(uri, module, options.patience));
  return watch_nonces(std::move(opened));
}

Result<KeyList> list_keys(std::string_view name, const KeyOptions& options) {
  if (is_piv_name(name)) {
    TS_TRY(const auto wanted, PivName::parse(name));
    return list_cards(wanted, options);
  }
  if (!name.empty()) return list_tokens(name, options);
  return options.module_path.empty() ? list_everything(options) : list_tokens("pkcs11:", options);
}

Result<crypto::PublicKey> read_public_key(std::string_view name, const KeyOptions& options) {
  if (is_piv_name(name)) {
    TS_TRY(const auto wanted, PivName::parse(name));
    TS_TRY(const auto readers, readers_of(options));
    return read_piv_public_key(*readers, wanted);
  }
  TS_TRY(const auto wanted, Pkcs11Uri::parse(name));
  TS_TRY(const std::string module, module_of(wanted, options));
  return read_isolated_public_key(wanted, module, options.patience);
}

Result<std::vector<crypto::Certificate>> read_attestation(std::string_view key,
                                                          const KeyOptions& options) {
  if (is_piv_name(key)) {
    TS_TRY(const auto name, PivName::parse(key));
    TS_TRY(const auto readers, readers_of(options));
    return read_piv_attestation(*readers, name);
  }
  if (is_pkcs11_uri(key)) {
    TS_CHECK(key_uri_of(key));
    return Error{Code::device_cannot_attest,
                 "the key is on a PKCS#11 token, and PKCS#11 has no attestation of keys", ""};
  }
  return Error{Code::device_cannot_attest,
               "the key is in a file: nothing could attest that it is there alone",
               "make one on a device: `touchstone key generate yubikey:9c`"};
}

Result<std::unique_ptr<KeyManager>> open_key_manager(std::string_view key,
                                                     const KeyOptions& options) {
  if (is_piv_name(key)) {
    TS_TRY(const auto name, PivName::parse(key));
    TS_TRY(auto readers, readers_of(options));
    return open_piv_manager(std::move(readers), name, options.management_key_given,
                            options.on_touch);
  }
  if (!is_pkcs11_uri(key)) return open_key_file_manager(key);
  TS_TRY(const auto uri, key_uri_of(key));
  TS_TRY(const std::string module, module_of(uri, options));
  return open_isolated_key_manager(uri, module, options.patience);
}

Result<std::unique_ptr<PinManager>> open_pin_manager(std::string_view name,
                                                     const KeyOptions& options) {
  if (is_piv_name(name)) {
    TS_TRY(const auto wanted, PivName::parse(name));
    TS_TRY(auto readers, readers_of(options));
    return open_piv_pins(std::move(readers), wanted, options.on_touch);
  }
  if (!is_pkcs11_uri(name)) return open_key_file_pins(name);
  TS_TRY(const auto uri, Pkcs11Uri::parse(name));
  TS_TRY(const std::string module, module_of(uri, options));
  return open_isolated_pin_manager(uri, module, options.patience);
}

}  // namespace touchstone::hsm
