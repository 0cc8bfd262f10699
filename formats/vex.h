// What somebody says about vulnerabilities: whether they matter in a product (VEX).
//
// Spec: OpenVEX v0.2.0; v0.0.1 is read too, where vulnerabilities and products are texts, and the
// products' parts stand beside them. Refused:
// unknown states; `not_affected` without a justification or an impact statement, which the
// specification demands; members of the wrong kind. A statement without products is about the
// attestation's subject. Of statements about the same thing
// the latest holds, and of those of one time in one document the last.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "formats/json.h"

namespace touchstone::formats {

struct VexProduct {
  std::vector<std::string> names = {};                       // @id, purl and other identifiers
  std::vector<std::string> hashes = {};                      // hex, of any algorithm
  std::vector<std::vector<std::string>> subcomponents = {};  // names of each; empty: all of it
};

struct VexStatement {
  enum class Status : std::uint8_t { not_affected, affected, fixed, under_investigation };
  std::vector<std::string> vulnerabilities = {};  // its name, its other names
  std::vector<VexProduct> products = {};
  Status status = Status::under_investigation;
  std::string justification = {};
  std::optional<std::chrono::sys_seconds> time = {};  // its own, else the document's
};
std::string_view status_name(VexStatement::Status status);

struct VexDocument {
  std::vector<VexStatement> statements = {};  // in their order

  static bool is_type(std::string_view predicate_type);

  // Errors: predicate.malformed, limit.count.
  static Result<VexDocument> parse(const Json& predicate);
};

}  // namespace touchstone::formats
