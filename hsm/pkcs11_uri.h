// The name of a key on a PKCS#11 token.
//
// Spec: RFC 7512. Each value is percent-decoded once, as bytes; '+' is a plus sign. Refused: text
// outside the grammar (blanks, fragments, broken escapes), an attribute twice, unknown attributes
// (those that begin with "x-" are a vendor's and skipped), NUL outside `id`, `module-path` that is
// not absolute, `module-path` beside `module-name`, a `pin-source` that is a command, and
// `pin-value` anywhere: an argument can be read by every process.
// No message repeats a value, so none repeats a PIN.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone::hsm {

// What an absent attribute leaves open matches anything.
struct Pkcs11Uri {
  enum class Type : std::uint8_t { private_key, public_key, certificate, secret_key, data };
  struct LibraryVersion {
    unsigned major_number = 0;
    unsigned minor_number = 0;
    friend bool operator==(const LibraryVersion&, const LibraryVersion&) = default;
  };

  // The token.
  std::optional<std::string> token;
  std::optional<std::string> manufacturer;
  std::optional<std::string> serial;
  std::optional<std::string> model;
  // The slot it sits in.
  std::optional<std::uint64_t> slot_id;
  std::optional<std::string> slot_description;
  std::optional<std::string> slot_manufacturer;
  // The module.
  std::optional<std::string> library_manufacturer;
  std::optional<std::string> library_description;
  std::optional<LibraryVersion> library_version;
  // The object.
  std::optional<std::string> object;  // CKA_LABEL
  std::optional<Bytes> id;            // CKA_ID
  std::optional<Type> type;
  // The query.
  std::string module_name;  // without folder; empty when absent
  std::string module_path;  // absolute; empty when absent
  std::string pin_source;   // a path, or "file:" and a path; empty when absent

  // Errors: usage.key-uri, usage.pin-in-arguments.
  static Result<Pkcs11Uri> parse(std::string_view text);

  // One spelling: parse() gives the same attributes back. `id` is escaped whole.
  std::string to_string() const;
};

// Whether `text` begins with "pkcs11:", in any case (RFC 3986 section 3.1).
bool is_pkcs11_uri(std::string_view text);

}  // namespace touchstone::hsm
