// How `verify` judges by a policy: --policy, --explain and --record.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/shared/application.h"
#include "cli/shared/demand_options.h"
#include "judge/judge_image.h"

namespace touchstone::cli {

class PolicyJudging {
 public:
  void declare(CLI::App& command);

  // The policy to judge by; absent where keys and roots say whose signatures count. A default one
  // is named on standard error.
  // Errors: usage.arguments (both), usage.no-trust (neither, and no default), usage.file (records
  // cannot be written), those of open_policy().
  Result<std::optional<policy::Document>> document(const DemandOptions& demand,
                                                   const Clock& clock) const;

  // Judges the image, and writes a record of it where --record says so.
  // Errors: usage.file (of the record).
  Result<judge::ImageVerdict> judge(const Reference& reference, const policy::Document& document,
                                    const judge::JudgeOptions& options,
                                    const judge::OpenRepository& open, const Clock& clock) const;

  bool explains() const { return explain_; }

 private:
  Status prepare_record() const;

  std::string policy_;
  std::vector<std::string> keys_;  // that sign policies
  std::string record_;
  bool explain_ = false;
};

}  // namespace touchstone::cli
