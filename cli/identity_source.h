// Where an identity token comes from.
#pragma once

#include <string>

#include "base/http.h"
#include "base/secret.h"

namespace touchstone::cli {

// `ci`: what the CI system gives its jobs: SIGSTORE_ID_TOKEN (GitLab's convention), else GitHub
// Actions' token service. `env:NAME`: a variable. "-": standard input. Anything else: a file. A
// token itself is refused: every process can read the command line. Errors: usage.arguments,
// usage.file, auth.identity-token, network.*, limit.size.
Result<Secret> read_identity_token(const std::string& source, HttpClient& http);

}  // namespace touchstone::cli
