#include "policy/document.h"

#include <array>

namespace touchstone::policy {

std::string_view kind_name(const Requirement& requirement) {
  constexpr std::array<std::string_view, 13> names = {
      "deny", "allow",           "all_of",    "any_of", "threshold",  "signatures", "provenance",
      "sbom", "vulnerabilities", "predicate", "vsa",    "base_image", "image"};
  static_assert(names.size() == std::variant_size_v<decltype(Requirement::kind)>);
  return names[requirement.kind.index()];
}

// Of patterns that match and are equally specific there is one at most, but for those of one rule.
const Rule& rule_for(const Document& document, const Reference& reference, const Digest& digest) {
  const Rule* best = &document.rules.back();  // it matches all
  const ImagePattern* by = &best->images.front();
  for (const ImagePattern& pattern : best->images) {
    if (pattern.matches_all()) by = &pattern;
  }
  for (const Rule& rule : document.rules) {
    for (const ImagePattern& pattern : rule.images) {
      if (!pattern.matches(reference, digest) || pattern.compare_specificity(*by) <= 0) continue;
      best = &rule;
      by = &pattern;
    }
  }
  return *best;
}

}  // namespace touchstone::policy
