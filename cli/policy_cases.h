// Recorded cases: files that `verify --record` writes and `policy test` and `policy diff` read.
#pragma once

#include <string>
#include <vector>

#include "judge/record.h"

namespace touchstone::cli {

struct Case {
  std::string name;  // of the file, or of the file and the line
  judge::Record record;
};

// All cases of a folder, one in each file that ends in ".json", by name; or of one file, one a
// line. Errors: usage.file, usage.arguments (none), format.file, limit.*.
Result<std::vector<Case>> read_cases(const std::string& path);

}  // namespace touchstone::cli
