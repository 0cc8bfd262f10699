// The parts of `touchstone key`.
#pragma once

#include "cli/shared/application.h"

namespace touchstone::cli {

void declare_key_changes(CLI::App& key);       // generate, import, delete
void declare_key_certificates(CLI::App& key);  // certify, import-certificate
void declare_key_attestations(CLI::App& key);  // attest, check-attestation
void declare_key_pins(CLI::App& key);          // pin change | unblock | puk | management-key

// The KEY argument, which each of them has.
CLI::Option& declare_key_name(CLI::App& command, std::string& name);

// The exit status of a command whose whole result is this text on standard output.
int show_result(const Result<std::string>& text);

}  // namespace touchstone::cli
