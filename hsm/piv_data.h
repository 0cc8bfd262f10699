// What PIV cards tell of their keys, read strictly: each function takes one answer of a card, and
// gives nothing when that is malformed. Fields that cards leave out stay absent.
//
// Spec: NIST SP 800-73-4 part 1 table 39 (certificates) and part 2 tables 11 (made keys) and 20
// (signatures); Yubico's GET METADATA, PIV attestation, ADMIN DATA and PIN-protected key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/firmware.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/block_key.h"
#include "crypto/public_key.h"
#include "hsm/key_manager.h"

namespace touchstone::hsm {

// Of a slot that holds a key.
struct SlotMetadata {
  std::optional<std::uint8_t> algorithm;
  PinPolicy pin = PinPolicy::unspecified;
  TouchPolicy touch = TouchPolicy::unknown;
  enum class Origin : std::uint8_t { unknown, generated, imported } origin = Origin::unknown;
  Bytes public_key;  // SubjectPublicKeyInfo; empty when absent or of an unknown algorithm

  static std::optional<SlotMetadata> parse(ByteView answer);
};

// Of the PIN or PUK.
struct PinMetadata {
  unsigned tries_in_all = 0;
  unsigned tries_left = 0;
  bool factory_value = false;

  static std::optional<PinMetadata> parse(ByteView answer);
};

// Of the management key.
struct ManagementMetadata {
  std::optional<crypto::BlockCipher> cipher;  // absent when it is told and of no known kind, or not
  bool factory_value = false;
  TouchPolicy touch = TouchPolicy::unknown;

  static std::optional<ManagementMetadata> parse(ByteView answer);
};

// Whether the management key is kept on the card behind the PIN, by the object of Yubico's tools
// that says so (ADMIN DATA): `53 { 80 { 81 flags, ... } }`. False when it is malformed.
bool is_management_key_behind_pin(ByteView answer);

// That key, from the object that only shows itself after the PIN (PRINTED): `53 { 88 { 89 key } }`.
std::optional<Secret> management_key_behind_pin(ByteView answer);

// The one that the card may have by now, where a change of the key did not come to its end: `8A`
// beside `89`, which Yubico's tools pass over.
std::optional<Secret> next_management_key_behind_pin(ByteView answer);

// The content of ADMIN DATA that says so. What else it says now stays (absent: there is none), but
// for the salt of a key that was made from the PIN. Absent: what there is now is malformed.
std::optional<Bytes> admin_data_with_key_behind_pin(const std::optional<Bytes>& now);

// What is in an object: without `53`.
std::optional<Bytes> object_content(ByteView answer);

// The public key of an algorithm, from `86 point` or `81 modulus 82 exponent`.
std::optional<Bytes> spki_of_numbers(std::uint8_t algorithm, ByteView numbers);

// From the answer to the making of a key: `7F49 { numbers as above }`.
std::optional<Bytes> spki_of_made_key(std::uint8_t algorithm, ByteView answer);

// Out of GENERAL AUTHENTICATE's `7C { 82 signature }`.
std::optional<Bytes> signature_of_answer(ByteView answer);

// A certificate as a card stores it: in `53 { 70 DER, 71 how, FE }`.
struct StoredCertificate {
  Bytes der;  // gzip when compressed
  bool compressed = false;

  static std::optional<StoredCertificate> parse(ByteView answer);

  // What a card is given to store, not compressed: `70 DER, 71 00, FE`.
  static Bytes content(ByteView der);
};

// What there is to see in a certificate. Nothing of it is verified.
struct CertificateFacts {
  std::string subject;  // RFC 2253, safe to print
  Bytes public_key;     // SubjectPublicKeyInfo
  // Of an attestation: arc 1.3.6.1.4.1.41482.3.8.
  PinPolicy pin = PinPolicy::unspecified;
  TouchPolicy touch = TouchPolicy::unknown;

  static std::optional<CertificateFacts> parse(ByteView der);
};

}  // namespace touchstone::hsm
