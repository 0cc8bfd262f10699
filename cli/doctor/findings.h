// What `touchstone doctor` found, a line a check: in words, as JSON, and as an exit status. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace touchstone::cli {

enum class Grade : std::uint8_t { ok, warning, problem };

struct Finding {
  Grade grade = Grade::ok;
  std::string check;         // what was looked at, a stable word: "clock"
  std::string text;          // what was found
  std::string hint;          // what to do; empty where all is well
  std::optional<Code> code;  // a problem has one; it says the exit status
};

using Findings = std::vector<Finding>;

Finding good(std::string check, std::string text);
Finding warning(std::string check, std::string text, std::string hint);

// With the error's message and hint, or its code's hint where it has none.
Finding warning(std::string check, const Error& error);
Finding problem(std::string check, const Error& error);

void append(Findings& findings, Findings more);

// "ok       clock: ..." and, for what is not ok, "         hint: ..." below it. Safe to show.
std::string describe(const Findings& findings);

// docs/reference/json.md, "Doctor".
std::string to_json(const Findings& findings, std::chrono::sys_seconds now);

// 0 when nothing is a problem, else the gravest status that the problems' codes have: 5, 4, 3, 2.
int exit_status(const Findings& findings);

// For a process that looks on behalf of another: findings as text, and strictly back.
// Errors: format.json, limit.*.
std::string to_message(const Findings& findings);
Result<Findings> read_message(std::string_view text);

}  // namespace touchstone::cli
