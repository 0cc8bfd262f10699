// Which issue of a policy a signed one says that it is. Nothing is verified here: for those who
// replace a file of their own, not for those who judge by it.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone::policy {

inline constexpr std::uint64_t max_serial = (std::uint64_t{1} << 53) - 1;  // of numbers in JSON

struct Issue {
  std::string name;          // empty where it has none
  std::uint64_t serial = 0;  // 0 where it has none
};

// Errors: policy.signature (no signed policy), policy.syntax, policy.value, limit.*.
Result<Issue> claimed_issue(ByteView contents, const std::string& source);

}  // namespace touchstone::policy
