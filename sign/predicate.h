// What an attestation says of an artifact: a type, and a predicate from a file.
//
// Spec: SLSA provenance v0.2 and v1, SPDX 2 and 3, CycloneDX, OpenVEX, in-toto's predicates;
// cosign's specification of custom attestations and vulnerability scans. Of a type that is known,
// the members by which one knows it must be there; the rest is for those who judge it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace touchstone::sign {

// A bundle is that large at most, and holds it in base64.
inline constexpr std::uint64_t max_predicate_bytes = limits::max_bundle_bytes / 2;

class Predicate {
 public:
  // `type` is a short name that cosign's users know, or a URI. A file of JSON is taken as it
  // stands, letter for letter; it must be an object. Of "custom" any text is taken, and goes with
  // the time into {Data, Timestamp}; of "spdx" a document of tags and values, as a string.
  // Errors: usage.arguments, policy.image-signature (a type that would make it a signature of the
  // image), format.file, limit.*.
  static Result<Predicate> create(std::string_view type, ByteView contents,
                                  std::chrono::sys_seconds now);

  const std::string& type() const { return type_; }  // URI
  const std::string& json() const { return json_; }  // what stands in the statement

 private:
  Predicate(std::string type, std::string json) : type_(std::move(type)), json_(std::move(json)) {}
  std::string type_;
  std::string json_;
};

}  // namespace touchstone::sign
