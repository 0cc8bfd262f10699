#include "formats/sbom.h"

#include "base/limits.h"
#include "base/text.h"
#include "formats/json_fields.h"
#include "formats/predicate_time.h"

namespace touchstone::formats {
namespace {

constexpr std::string_view spdx_type = "https://spdx.dev/Document";
constexpr std::string_view cyclonedx_type = "https://cyclonedx.org/bom";

bool is_type(std::string_view type, std::string_view base) {
  return type == base || type.starts_with(std::string(base) + "/");
}

// SPDX writes NOASSERTION and NONE where nothing is known.
bool says_something(const std::string& license) {
  return !license.empty() && license != "NOASSERTION" && license != "NONE";
}

Status read_spdx_purls(const Fields& fields, Package& package) {
  TS_TRY(const auto references, fields.objects_or_empty("externalRefs", limits::max_json_values));
  for (const Fields& reference : references) {
    TS_TRY(const std::string type, reference.string_or("referenceType", ""));
    if (type != "purl") continue;
    TS_TRY(std::string purl, reference.string("referenceLocator"));
    package.purls.push_back(std::move(purl));
  }
  return ok();
}

Result<Package> read_spdx_package(const Fields& fields) {
  Package package;
  TS_TRY(package.name, fields.string("name"));
  TS_TRY(package.version, fields.string_or("versionInfo", ""));
  TS_TRY(const std::string concluded, fields.string_or("licenseConcluded", ""));
  TS_TRY(const std::string declared, fields.string_or("licenseDeclared", ""));
  const std::string& license = says_something(concluded) ? concluded : declared;
  if (says_something(license)) package.licenses.push_back(license);
  TS_CHECK(read_spdx_purls(fields, package));
  return package;
}

Result<Sbom> read_spdx(const Fields& document) {
  Sbom sbom{.form = Sbom::Form::spdx};
  TS_TRY(const std::string version, document.string("spdxVersion"));
  if (version != "SPDX-2.2" && version != "SPDX-2.3") {
    return document.error("spdxVersion", "\"" + printable(version) + "\" is not read");
  }
  TS_TRY(const Fields creation, document.object("creationInfo"));
  TS_TRY(sbom.created, optional_time(creation, "created"));
  if (!document.has("packages")) return document.error("packages", "missing");
  TS_TRY(const auto packages, document.objects_or_empty("packages", limits::max_json_values));
  for (const Fields& entry : packages) {
    TS_TRY(Package package, read_spdx_package(entry));
    sbom.packages.push_back(std::move(package));
  }
  return sbom;
}

// Each entry is {"expression": ...} or {"license": {"id" or "name": ...}}.
Result<std::string> read_license(const Fields& choice) {
  if (choice.has("expression")) return choice.string("expression");
  TS_TRY(const Fields license, choice.object("license"));
  return license.string(license.has("id") ? "id" : "name");
}

Result<Package> read_component(const Fields& fields) {
  Package package;
  TS_TRY(package.name, fields.string("name"));
  TS_TRY(package.group, fields.string_or("group", ""));
  TS_TRY(package.version, fields.string_or("version", ""));
  TS_TRY(std::string purl, fields.string_or("purl", ""));
  if (!purl.empty()) package.purls.push_back(std::move(purl));
  TS_TRY(const auto choices, fields.objects_or_empty("licenses", limits::max_json_values));
  for (const Fields& choice : choices) {
    TS_TRY(const std::string license, read_license(choice));
    package.licenses.push_back(says_something(license) ? license : "NOASSERTION");
  }
  return package;
}

// Components hold components; parse_json() bounds how deep.
Status read_components(const Fields& parent, std::vector<Package>& packages) {
  TS_TRY(const auto components, parent.objects_or_empty("components", limits::max_json_values));
  for (const Fields& component : components) {
    TS_TRY(Package package, read_component(component));
    packages.push_back(std::move(package));
    TS_CHECK(read_components(component, packages));
  }
  return ok();
}

Result<Sbom> read_cyclonedx(const Fields& document) {
  Sbom sbom{.form = Sbom::Form::cyclonedx};
  TS_TRY(const std::string format, document.string("bomFormat"));
  if (format != "CycloneDX") {
    return document.error("bomFormat", "\"" + printable(format) + "\" is not read");
  }
  TS_TRY(const std::string version, document.string("specVersion"));
  if (!version.starts_with("1.")) {
    return document.error("specVersion", "\"" + printable(version) + "\" is not read");
  }
  TS_TRY(const auto metadata, document.optional_object("metadata"));
  if (metadata) {
    TS_TRY(sbom.created, optional_time(*metadata, "timestamp"));
    // What it is about is the image itself; the parts of that are packages.
    TS_TRY(const auto about, metadata->optional_object("component"));
    if (about) TS_CHECK(read_components(*about, sbom.packages));
  }
  if (!document.has("components")) return document.error("components", "missing");
  TS_CHECK(read_components(document, sbom.packages));
  return sbom;
}

Result<Sbom> read(Sbom::Form form, const Json& predicate) {
  TS_TRY(const Fields document, Fields::of(predicate, "predicate"));
  return form == Sbom::Form::spdx ? read_spdx(document) : read_cyclonedx(document);
}

}  // namespace

std::optional<Sbom::Form> Sbom::form_of(std::string_view predicate_type) {
  if (is_type(predicate_type, spdx_type)) return Form::spdx;
  if (is_type(predicate_type, cyclonedx_type)) return Form::cyclonedx;
  return std::nullopt;
}

Result<Sbom> Sbom::parse(Form form, const Json& predicate) {
  auto sbom = read(form, predicate);
  if (sbom) return sbom;
  return in_context(std::move(sbom).error(), Code::predicate_malformed, "bill of materials");
}

}  // namespace touchstone::formats
