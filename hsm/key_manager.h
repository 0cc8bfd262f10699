// Making, replacing and removing a key and its certificate, and changing the PINs of a device, as
// ports. PKCS#11 tokens, key files and PIV cards implement them (hsm/keys.h opens them by name).
//
// Devices differ in what they can do. What one cannot do is answered by device.unsupported: its
// message names the reason, its hint the other way. Nothing was changed then.
//
// A change that fails leaves things as they were. Where that could not be had, the error is
// device.half-done, and its message names each thing that is left; when the device is gone, it says
// that this could not be seen.
//
// No implementation asks a person anything or repeats an attempt. Secrets are presented once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/key_device.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"

namespace touchstone::hsm {

// What using a key takes. `unspecified` and `unknown` leave it to the device.
struct KeyPolicies {
  PinPolicy pin = PinPolicy::unspecified;
  TouchPolicy touch = TouchPolicy::unknown;
};

struct KeySpec {
  crypto::KeyKind kind = crypto::KeyKind::p256;
  int rsa_bits = 0;  // 2048, 3072 or 4096 for RSA; else 0
  KeyPolicies policies;
};

// "p256", "p384", "p521", "rsa2048", "rsa3072", "rsa4096", "ed25519".
// Errors: usage.arguments.
Result<KeySpec> parse_algorithm(std::string_view text);

// Whether what lies under the name already may be replaced.
enum class Existing : std::uint8_t { refuse, replace };

// What a change wants presented first.
enum class Credential : std::uint8_t {
  none,            // nothing, or the device asks on a keypad of its own
  pin,             // the user's PIN, as for signing
  management_key,  // a card's, as hex
  new_passphrase,  // what the key file will be encrypted with
};

enum class Change : std::uint8_t { make_key, remove_key, certificate };

// Where a key lies or will lie, as far as it can be told without a PIN.
struct KeyPlace {
  std::string device;     // for people: "SoftHSM token \"rel\" (serial 8a1c...)"
  bool hardware = false;  // false for key files
  std::string pin_source;
  KeyDescription::Tries tries = KeyDescription::Tries::unknown;  // of the PIN
  std::vector<std::string> warnings;  // about what guards it, for people; no full stop
  bool factory_values = false;        // some of what guards it is as its maker sent it
};

// What lies under a key's name now.
struct Holding {
  // Each thing that replacing or removing takes away, for people: "private key \"k1\" (id 01)".
  // Empty: nothing is there.
  std::vector<std::string> things;
  bool key = false;  // whether a key is among them, not a certificate alone
  std::optional<crypto::PublicKey> public_key;  // absent when it cannot be told
  std::optional<Bytes> certificate;             // X.509, DER; the first where there are several
  std::optional<Error> fixed;  // why the device cannot remove it; what remove() would answer
};

struct MadeKey {
  std::string name;  // what --key takes to name exactly this key
  crypto::PublicKey public_key;
};

// One key of a device, there already or not.
class KeyManager {
 public:
  virtual ~KeyManager() = default;

  virtual const KeyPlace& place() const = 0;
  virtual Credential needed_for(Change change) const = 0;

  // Presents what needed_for() says, once. Never a PIN that is blocked.
  // Errors: device.pin-wrong, device.pin-locked, device.management-key, device.*.
  virtual Status authorize(Secret credential) = 0;

  // Without a PIN it may be less than after authorize(): tokens hide private objects. Ask again.
  // Errors: device.ambiguous (the name fits several keys), device.*.
  virtual Result<Holding> holding() = 0;

  // Makes a key pair whose private half never leaves the device. With Existing::replace all of
  // holding() is gone afterwards, certificates included: they were for another key. The public key
  // is what the device says. A device that can sign then without asking anybody makes a test
  // signature, and a key that fails it is removed (device.signature); a card that would want a PIN
  // or a touch is not asked for one: its first signature is checked like every other.
  // Errors: device.key-exists, device.unsupported (algorithm or policy), device.*.
  virtual Result<MadeKey> generate(const KeySpec& spec, Existing existing) = 0;

  // Brings in a key that was made elsewhere: it can never be attested. Otherwise as generate().
  virtual Result<MadeKey> import_key(const crypto::PrivateKey& key, const KeyPolicies& policies,
                                     Existing existing) = 0;

  // Takes away all of holding().
  // Errors: device.key-not-found, device.unsupported, device.half-done, device.*.
  virtual Status remove() = 0;

  // Stores an X.509 certificate beside the key.
  // Errors: device.certificate (not one of this key), device.key-not-found, device.key-exists
  // (there is another certificate), device.*.
  virtual Status store_certificate(ByteView der, Existing existing) = 0;
};

// What guards a device. Lengths are in bytes; 0: the device does not tell.
struct PinState {
  std::string device;
  bool hardware = false;
  std::string pin_noun = "PIN";
  std::string puk_noun = "PUK";  // a PKCS#11 token's is its "SO PIN"
  std::string pin_source;
  KeyDescription::Tries pin_tries = KeyDescription::Tries::unknown;
  KeyDescription::Tries puk_tries = KeyDescription::Tries::unknown;
  std::size_t min_pin_bytes = 0;
  std::size_t max_pin_bytes = 0;
  bool has_puk = true;
  bool has_management_key = false;
  // As the maker ships them, for everybody to know: they need not be given to be changed.
  bool factory_pin = false;
  bool factory_puk = false;
  bool factory_management_key = false;
  bool management_key_behind_pin = false;  // nobody else has it, so it is not asked for
  std::vector<std::string> warnings;       // as in KeyPlace, as things are now
};

// The PINs of one device. Each change presents the current secret once, and only when it is not
// blocked and the new one fits the device's rules.
class PinManager {
 public:
  virtual ~PinManager() = default;

  virtual const PinState& state() const = 0;

  // `current` may be empty when it is the factory's; the new one must differ then.
  // Errors: device.pin-wrong, device.pin-locked, device.pin-unfit, device.*.
  virtual Status change_pin(const Secret& current, const Secret& next) = 0;

  // Sets a new PIN with the PUK (a token's security officer), blocked or not.
  // Errors: device.puk-wrong, device.puk-locked, device.pin-unfit, device.*.
  virtual Status unblock_pin(const Secret& puk, const Secret& next) = 0;

  // Errors: as above.
  virtual Status change_puk(const Secret& current, const Secret& next) = 0;

  // Both as hex; `current` may be empty when it is the factory's.
  // Errors: device.management-key, device.unsupported, device.pin-needed (the device keeps it
  // behind the PIN), device.*.
  virtual Status change_management_key(const Secret& current, const Secret& next) = 0;

  // Gives the device the management key `next` (empty: one that nobody knows), and has it keep that
  // behind the PIN: from then on whoever has the PIN can make keys. `current` as above, and empty
  // too where it lies behind the PIN already. A device without a management key answers as to a
  // change.
  // Errors: as above; device.pin-wrong, device.pin-locked.
  virtual Status protect_management_key(const Secret& current, const Secret& next,
                                        const Secret& /*pin*/) {
    return change_management_key(current, next);
  }
};

// For PinManagers: whether a new PIN fits, before anything is presented.
// Errors: device.pin-unfit.
Status check_new_pin(const PinState& state, std::string_view noun, const Secret& next);

}  // namespace touchstone::hsm
