// Bills of materials: which packages an image holds.
//
// Spec: SPDX 2.2 and 2.3 in JSON; CycloneDX 1.2 to 1.6 in JSON, components within components
// included. Refused: other versions and forms (SPDX's tag-value text is a text here), members of
// the wrong kind, packages without a name, documents without the list of packages.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "formats/json.h"

namespace touchstone::formats {

struct Package {
  std::string group = {};  // CycloneDX: "org.apache.logging.log4j", "@angular"
  std::string name = {};
  std::string version = {};
  std::vector<std::string> purls = {};
  std::vector<std::string> licenses =
      {};  // expressions, all of which hold; empty: nothing is known
};

struct Sbom {
  enum class Form : std::uint8_t { spdx, cyclonedx };
  Form form = Form::spdx;
  std::vector<Package> packages = {};
  std::optional<std::chrono::sys_seconds> created = {};

  // "https://spdx.dev/Document", "https://cyclonedx.org/bom", either with a version behind it.
  static std::optional<Form> form_of(std::string_view predicate_type);

  // Errors: predicate.malformed, limit.count.
  static Result<Sbom> parse(Form form, const Json& predicate);
};

}  // namespace touchstone::formats
