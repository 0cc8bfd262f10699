// A key that signs, wherever it lives, as a port. hsm/ implements it over PIV cards, PKCS#11 and
// key files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace touchstone {

// How a signature is computed. The closed list: nothing else is made or accepted.
enum class Scheme : std::uint8_t {
  ecdsa_sha256,      // DER (r, s); P-256, and P-384 and P-521 when verifying
  ecdsa_sha384,      // P-384
  ecdsa_sha512,      // P-521
  rsa_pkcs1_sha256,  // RSASSA-PKCS1-v1_5
  rsa_pkcs1_sha384,
  rsa_pkcs1_sha512,
  rsa_pss_sha256,  // RSASSA-PSS, MGF1 with the same hash, salt as long as the hash
  rsa_pss_sha384,
  rsa_pss_sha512,
  ed25519,    // RFC 8032, pure
  ed25519ph,  // RFC 8032, over the message's SHA-512, empty context; verified, never made
};

// Whether somebody must touch the device for a signature; cached: once for some seconds.
enum class TouchPolicy : std::uint8_t { unknown, never, always, cached };

// When a key wants the PIN. Fixed when the key is made.
enum class PinPolicy : std::uint8_t { unspecified, never, once, always };

// What a device says of a key before any PIN is asked.
struct KeyDescription {
  std::string name;       // what --key takes to name exactly this key again
  std::string device;     // for people: "SoftHSM token \"rel\" (serial 8a1c...)", "file k.pem"
  bool hardware = false;  // false for key files
  Bytes public_key;       // SubjectPublicKeyInfo, DER; empty when it is only known after login
  bool needs_pin = false;
  bool pin_for_each_signature = false;
  TouchPolicy touch = TouchPolicy::unknown;
  Bytes certificate;       // X.509, DER, stored beside the key; only lists of keys look for it
  std::string pin_source;  // the URI's pin-source, or the empty text
  // A key file as cosign encrypts it: its passphrase may be empty, and COSIGN_PASSWORD may hold it.
  bool cosign_file = false;
  // Tries left for the PIN, as far as the device tells.
  enum class Tries : std::uint8_t { unknown, normal, low, last, locked } tries = Tries::unknown;
  std::optional<unsigned> tries_left;  // exactly, where the device says so

  // What else there is to say, for people, in the order to say it: {"firmware", "5.4.3"}.
  struct Fact {
    std::string name;
    std::string value;
  };
  std::vector<Fact> facts;
};

class KeyDevice {
 public:
  virtual ~KeyDevice() = default;

  virtual const KeyDescription& describe() const = 0;

  // Presents the PIN (or passphrase) once. Never repeated by the device itself; for keys that want
  // the PIN with each signature it is held until the device goes away. A PIV card is shown it by
  // the first sign(), right before the signature, and what is wrong with it is told there.
  // Errors: device.pin-wrong, device.pin-locked, device.*.
  virtual Status unlock(Secret pin) = 0;

  // SubjectPublicKeyInfo, DER. May need unlock() first on devices that hide public keys.
  virtual Result<Bytes> public_key() = 0;

  // Signs `message` (hashed here as the scheme says). ECDSA signatures are DER.
  // Errors: device.pin-wrong and device.pin-locked (PIV), device.*.
  virtual Result<Bytes> sign(Scheme scheme, ByteView message) = 0;

  // The same where only the message's digest is at hand, by the scheme's hash.
  // Errors: device.algorithm (pure Ed25519, a digest of another length, a device that signs
  // messages alone), and as above.
  virtual Result<Bytes> sign_digest(Scheme /*scheme*/, ByteView /*digest*/) {
    return Error{Code::device_algorithm, "the key signs messages, not digests", "give the file"};
  }
};

}  // namespace touchstone
