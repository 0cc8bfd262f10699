// Another program, run for one answer and not trusted to give it: its time, its output and what it
// inherits are bounded.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace touchstone::cli {

struct HelperLimits {
  std::uint64_t max_output_bytes = limits::max_helper_answer_bytes;
  std::chrono::milliseconds timeout = limits::helper_timeout;
};

struct HelperOutcome {
  int exit_status = 0;    // 128 and the signal's number when a signal ended it
  Bytes output;           // its standard output
  std::string complaint;  // the first line of its standard error, not yet safe to show
};

// Runs `program` (a path) with `input` on its standard input, in a process group of its own, with
// three open descriptors and the environment but for secret_variables (base/secret.h). It and what
// it started are killed when it is not done in time or says too much, and when this process
// ends.
// Errors: auth.helper.
Result<HelperOutcome> run_helper(const std::string& program,
                                 const std::vector<std::string>& arguments, std::string_view input,
                                 const HelperLimits& bounds = {});

}  // namespace touchstone::cli
