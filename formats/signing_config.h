// Signing configurations: the services of one sigstore instance that signers use.
//
// Spec: sigstore protobuf-specs, sigstore_trustroot.proto (SigningConfig, version 0.2) and the
// client specification for how services are chosen. Refused: other media types, members that are
// unknown, services without an address, without an API version or without the beginning of their
// validity, one that ends before it begins, logs or timestamp authorities without a selector, more
// services than the limit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "formats/trusted_root.h"

namespace touchstone::formats {

struct Service {
  std::string url;  // of a timestamp authority all of it, of others what their paths are put behind
  std::uint64_t api_version = 0;  // the first number of it
  Validity validity;              // its start is always there
  std::string operator_name;      // may be empty
};

// How many of a kind of service are to be used.
struct ServiceSelection {
  enum class Kind : std::uint8_t { none, all, any, exact };  // any: one of them
  Kind kind = Kind::none;
  std::uint64_t count = 0;  // of exact, from 1
};

// The services to use now.
struct SelectedServices {
  std::optional<Service> authority;  // for certificates
  std::vector<Service> logs;
  std::vector<Service> timestamp_authorities;
};

struct SigningConfig {
  std::vector<Service> authorities;
  std::vector<Service> issuers;
  std::vector<Service> logs;
  std::vector<Service> timestamp_authorities;
  ServiceSelection log_selection;
  ServiceSelection timestamp_selection;

  // A signing_config.json, or the `signingConfig` of a client trust configuration.
  // Errors: format.file, limit.*.
  static Result<SigningConfig> parse(ByteView bytes);

  // Of each kind those that count at `now`, of the highest API version among those that are known
  // (1; of logs 1 and 2), the newest first, one an operator, and as many as the selection says.
  // Errors: usage.arguments, when there are too few.
  Result<SelectedServices> select(Instant now) const;
};

}  // namespace touchstone::formats
