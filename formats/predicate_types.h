// The types of predicates by the short names that cosign's users know.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace touchstone::formats {

// By which somebody excepts an image from a rule (docs/reference/policy-decisions.md).
inline constexpr std::string_view policy_exception_predicate = "urn:touchstone:policy-exception:v1";

struct PredicateName {
  std::string_view name;
  std::string_view type;  // URI
};

std::span<const PredicateName> predicate_names();

// The URI that `text` stands for: a short name's, or `text` itself when it is a URI.
// Errors: usage.arguments.
Result<std::string> predicate_type(std::string_view text);

// Whether a statement of type `actual` is one of the type asked for: letter for letter, but that
// OpenVEX puts its version behind its type's URI.
bool is_predicate(std::string_view asked_for, std::string_view actual);

}  // namespace touchstone::formats
