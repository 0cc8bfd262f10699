// The commands of `touchstone`. Each declares its options and its action.
#pragma once

#include "cli/shared/application.h"

namespace touchstone::cli {

// All of them; or the one alone that `first_word` of a command line names, which is all that such a
// line needs: declaring the others takes longer than checking a signature.
void declare_commands(CLI::App& app, std::string_view first_word = "");

void declare_sign(CLI::App& command);
void declare_attest(CLI::App& command);
void declare_sign_blob(CLI::App& command);
void declare_verify_blob(CLI::App& command);
void declare_resolve(CLI::App& command);
void declare_copy(CLI::App& command);
void declare_inspect(CLI::App& command);
void declare_key(CLI::App& command);    // list, show, public
void declare_trust(CLI::App& command);  // add, list, show, remove
void declare_policy(CLI::App& command);
void declare_policy_explain(CLI::App& policy);
void declare_policy_test(CLI::App& policy);
void declare_policy_diff(CLI::App& policy);
void declare_policy_lint(CLI::App& policy);
void declare_policy_fmt(CLI::App& policy);
void declare_policy_schema(CLI::App& policy);
void declare_policy_sign(CLI::App& policy);
void declare_policy_from(CLI::App& policy);
void declare_login(CLI::App& command);
void declare_logout(CLI::App& command);
void declare_doctor(CLI::App& command);
void declare_explain(CLI::App& command);
void declare_completion(CLI::App& command);

}  // namespace touchstone::cli
