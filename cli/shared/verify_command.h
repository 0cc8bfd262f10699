// `touchstone verify`, and all of `touchstone-verify`.
#pragma once

#include <functional>
#include <memory>

#include "cli/shared/application.h"
#include "crypto/public_key.h"

namespace touchstone::cli {

// Reads what --key names. The verifier's own takes files only; the full program's asks devices too.
using PublicKeyReader = std::function<Result<crypto::PublicKey>(const std::string& name)>;

// A PEM or DER file. Errors: usage.device-uri, usage.file, format.key, policy.weak-key.
Result<crypto::PublicKey> read_public_key_file(const std::string& name);

// Declares the options and the action on `command`.
void declare_verify(CLI::App& command, PublicKeyReader reader);

// Declares the whole command line of touchstone-verify.
void declare_verifier(CLI::App& app);

}  // namespace touchstone::cli
