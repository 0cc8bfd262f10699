// --vsa-key: verification summaries that are signed, by a key on a device or in a file.
#pragma once

#include <memory>

#include "cli/shared/report_outputs.h"

namespace touchstone::cli {

std::shared_ptr<SummarySigner> summary_signer();

}  // namespace touchstone::cli
