// Times as predicates and image configurations write them.
//
// Spec: RFC 3339 with any offset, for scanners write local time: "2026-01-31T23:59:59.5+01:00".
// Otherwise as base/time.h.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "formats/json_fields.h"

namespace touchstone::formats {

std::optional<Instant> parse_any_offset(std::string_view text);

// A member that may be absent; Go's zero time ("0001-01-01T00:00:00Z") counts as absent.
// Errors: format.json.
Result<std::optional<std::chrono::sys_seconds>> optional_time(const Fields& fields,
                                                              std::string_view name);

}  // namespace touchstone::formats
