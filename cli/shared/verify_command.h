// `touchstone verify`, and all of `touchstone-verify`.
#pragma once

#include "cli/shared/demand_options.h"
#include "cli/shared/report_outputs.h"

namespace touchstone::cli {

// Declares the options and the action on `command`.
void declare_verify(CLI::App& command, PublicKeyReader reader,
                    std::shared_ptr<SummarySigner> signer);

// Declares the whole command line of touchstone-verify.
void declare_verifier(CLI::App& app);

}  // namespace touchstone::cli
