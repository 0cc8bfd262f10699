// A policy's file, signed or not, to the policy that is in force.
//
// A signed policy is a DSSE envelope (payloadType application/vnd.touchstone.policy+json) around
// the policy's text, YAML or JSON. Its name and serial number are recorded when it is accepted: a
// lower number is refused from then on.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/limits.h"
#include "crypto/public_key.h"
#include "policy/read.h"

namespace touchstone::policy {

inline constexpr std::string_view payload_type = "application/vnd.touchstone.policy+json";

// Of a policy's file, signed or not: base64, and signatures, beside the text.
inline constexpr std::uint64_t max_file_bytes = 2 * limits::max_policy_bytes;

// The serial numbers of the signed policies that were accepted, as a port.
class Serials {
 public:
  virtual ~Serials() = default;

  // Records the number when it is higher than the last one of a policy of that name.
  // Errors: policy.older, usage.file, policy.unsafe-file.
  virtual Status accept(const std::string& name, std::uint64_t serial) = 0;
};

// One file, {"NAME": SERIAL, ...}, replaced whole under a lock beside it; made, with its folder,
// when it is missing.
class SerialFile : public Serials {
 public:
  explicit SerialFile(std::string path) : path_(std::move(path)) {}
  Status accept(const std::string& name, std::uint64_t serial) override;

 private:
  std::string path_;
};

struct OpenOptions {
  std::span<const crypto::PublicKey> keys = {};  // one of these must have signed; none: unsigned
  Serials* serials = nullptr;                    // where keys are given
};

// Whether the contents are an envelope.
bool is_signed(ByteView contents);

// With keys, only an envelope that one of them signed is opened; without, only a plain policy. The
// signature is looked at before anything else is read.
// Errors: policy.signature, policy.expired, policy.older, and those of read().
Result<Document> open(ByteView contents, const std::string& source, const Materials& materials,
                      std::chrono::sys_seconds now, const OpenOptions& options = {});

}  // namespace touchstone::policy
