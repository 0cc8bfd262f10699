// What is allowed in a policy and may still not be what its writer wants.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/document.h"

namespace touchstone::policy {

struct Finding {
  std::string_view name;  // "loose-pattern": stable, for scripts
  Place place;
  std::string message;  // safe to show
};

// The names, with what each is about, in the order of docs/reference/policy.md.
struct FindingKind {
  std::string_view name;
  std::string_view sentence;
};
std::span<const FindingKind> finding_kinds();

// "policy.yaml:6:5: the rule ... [allow]"
std::string to_line(const Finding& finding, const std::string& file);

// In the order of their places.
std::vector<Finding> lint(const Document& document, std::chrono::sys_seconds now);

}  // namespace touchstone::policy
