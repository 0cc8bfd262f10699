// The commands of `touchstone`. Each declares its options and its action.
#pragma once

#include "cli/shared/application.h"

namespace touchstone::cli {

void declare_commands(CLI::App& app);

void declare_sign(CLI::App& command);
void declare_attest(CLI::App& command);
void declare_sign_blob(CLI::App& command);
void declare_verify_blob(CLI::App& command);
void declare_resolve(CLI::App& command);
void declare_copy(CLI::App& command);
void declare_inspect(CLI::App& command);
void declare_key(CLI::App& command);    // list, show, public
void declare_trust(CLI::App& command);  // add, list, show, remove
void declare_login(CLI::App& command);
void declare_logout(CLI::App& command);
void declare_doctor(CLI::App& command);
void declare_explain(CLI::App& command);
void declare_completion(CLI::App& command);

}  // namespace touchstone::cli
