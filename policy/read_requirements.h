// Requirements, from what stands under `require`.
#pragma once

#include "policy/read_roots.h"

namespace touchstone::policy {

// Errors: policy.*.
Result<Requirement> read_requirement(const formats::Yaml& value, const Reading& reading);

// `freshness` and `exceptions` of a rule.
Result<Freshness> read_freshness(const Fields& rule);
Result<std::optional<Exceptions>> read_exceptions(const Fields& rule, const Reading& reading);

}  // namespace touchstone::policy
