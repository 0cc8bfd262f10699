// The clock of this machine: certificates and trusted keys are judged by it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/doctor/findings.h"

namespace touchstone::cli {

// The day of this program's source.
std::chrono::sys_seconds source_date();

// A clock that shows a time before `earliest` is wrong.
Finding check_clock(std::chrono::sys_seconds now, std::chrono::sys_seconds earliest);

// Against the time that a server says it is, in its answer's Date: more than a minute apart is a
// warning, more than ten a problem. Absent: it did not say, or not in HTTP's form.
inline constexpr std::chrono::seconds tolerable_skew{60};
inline constexpr std::chrono::seconds grave_skew{600};
Finding compare_clock(std::chrono::sys_seconds now, std::optional<std::chrono::sys_seconds> date,
                      const std::string& server);

}  // namespace touchstone::cli
