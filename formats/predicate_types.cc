#include "formats/predicate_types.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace touchstone::formats {
namespace {

constexpr std::string_view openvex = "https://openvex.dev/ns";

constexpr std::array<PredicateName, 14> names = {{
    {"custom", "https://cosign.sigstore.dev/attestation/v1"},
    {"vuln", "https://cosign.sigstore.dev/attestation/vuln/v1"},
    {"slsaprovenance", "https://slsa.dev/provenance/v0.2"},
    {"slsaprovenance02", "https://slsa.dev/provenance/v0.2"},
    {"slsaprovenance1", "https://slsa.dev/provenance/v1"},
    {"spdx", "https://spdx.dev/Document"},
    {"spdxjson", "https://spdx.dev/Document"},
    {"cyclonedx", "https://cyclonedx.org/bom"},
    {"link", "https://in-toto.io/Link/v1"},
    {"openvex", openvex},
    {"vsa", "https://slsa.dev/verification_summary/v1"},
    {"vulns", "https://in-toto.io/attestation/vulns/v0.1"},
    {"test-result", "https://in-toto.io/attestation/test-result/v0.1"},
    {"policyexception", policy_exception_predicate},
}};

}  // namespace

std::span<const PredicateName> predicate_names() { return names; }

Result<std::string> predicate_type(std::string_view text) {
  const auto* const found = std::ranges::find(names, text, &PredicateName::name);
  if (found != names.end()) return std::string(found->type);
  const bool is_uri = text.find(':') != text.npos && text.find(':') > 0 && is_printable(text) &&
                      text.find(' ') == text.npos;
  if (is_uri) return std::string(text);
  std::vector<std::string> known;
  for (const PredicateName& name : names) known.emplace_back(name.name);
  return Error{Code::usage_arguments, "\"" + printable(text) + "\" is no type of attestation",
               "a URI, or one of " + join(known, ", ")};
}

bool is_predicate(std::string_view asked_for, std::string_view actual) {
  if (asked_for == actual) return true;
  return asked_for == openvex && actual.starts_with(std::string(openvex) + "/");
}

}  // namespace touchstone::formats
