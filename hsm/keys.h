// Keys by the names that users give them.
//
// A name is that of a key on a PIV card (hsm/piv_name.h), a PKCS#11 URI (RFC 7512), or the path of
// a private key in PEM.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/key_device.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "crypto/public_key.h"
#include "hsm/card_link.h"
#include "hsm/isolated_keys.h"
#include "hsm/key_manager.h"
#include "hsm/module_path.h"
#include "hsm/piv_device.h"

namespace touchstone::hsm {

struct KeyOptions {
  // The PKCS#11 module for URIs that name none; empty: p11-kit's proxy.
  std::string module_path;
  // Where modules are looked up by name.
  std::vector<std::string> folders = module_folders();
  // Where PIV cards are looked for; null: the readers of this machine.
  std::shared_ptr<CardReaders> readers;
  // Told when a finger is needed; may be empty.
  OnTouch on_touch;
  // A card's management key is at hand, and wanted instead of what the card would do without.
  bool management_key_given = false;
  // How long a PKCS#11 module may take; on_touch is not told of those, since they do not tell.
  ModulePatience patience;
};

struct KeyList {
  std::vector<KeyDescription> keys;
  std::vector<std::string>
      notes;  // what to say besides: cards without keys, what was not looked at
};

// Whether `key` names a device rather than a file: it begins with "pkcs11:", "yubikey:" or "piv:".
bool names_device(std::string_view key);

// Opens a key for signing; no PIN is asked or needed yet. A key file is read here, an encrypted one
// decrypted by unlock().
// Errors: usage.key-uri, usage.pin-in-arguments, usage.file, policy.unsafe-module, device.*.
Result<std::unique_ptr<KeyDevice>> open_key(std::string_view key, const KeyOptions& options = {});

// The keys that can be seen without a PIN: those that fit the name of a device (the slot of a PIV
// card's counts for nothing). When it is empty: those of PIV cards, unless a module is named, and
// of PKCS#11; one of the two may fail then, which becomes a note.
// Errors: as open_key(), but for device.not-found and device.ambiguous.
Result<KeyList> list_keys(std::string_view name, const KeyOptions& options = {});

// The public key that the name of a device means, without a PIN: of a key or certificate on it.
// Errors: as open_key(); device.key-not-found when it is only known after login.
Result<crypto::PublicKey> read_public_key(std::string_view name, const KeyOptions& options = {});

// What its device attests of a key, without a PIN: the key's certificate, then the device's.
// Errors: as open_key(); device.cannot-attest (a key file, a PKCS#11 token), device.no-attestation.
Result<std::vector<crypto::Certificate>> read_attestation(std::string_view key,
                                                          const KeyOptions& options = {});

// The place of one key, for making, replacing or removing it; no PIN is asked yet.
// Errors: as open_key().
Result<std::unique_ptr<KeyManager>> open_key_manager(std::string_view key,
                                                     const KeyOptions& options = {});

// The device that `name` names, for changing its PINs. What the name says of a key does not matter.
// Errors: as open_key().
Result<std::unique_ptr<PinManager>> open_pin_manager(std::string_view name,
                                                     const KeyOptions& options = {});

}  // namespace touchstone::hsm
