// How bad a vulnerability is, in the five grades that scanners agree on.
//
// Spec: CVSS v3.1 section 5 ("qualitative severity rating scale"); the names of Trivy, Grype,
// Debian and Red Hat.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace touchstone::formats {

enum class Severity : std::uint8_t { none, low, medium, high, critical };
std::string_view severity_name(Severity severity);

// A name in any case ("Important" is high, "negligible" low), or a CVSS score from "0.0" to "10.0".
// Absent for everything else, CVSS vectors and "unknown" among it.
std::optional<Severity> parse_severity(std::string_view text);

std::optional<Severity> severity_of_score(double score);

}  // namespace touchstone::formats
