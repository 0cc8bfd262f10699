// What is said to a credential helper, and what it answers.
//
// Spec: docker-credential-helpers' protocol: the server's name on standard input of
// `docker-credential-NAME get` and `erase`, a JSON object on that of `store` and on the standard
// output of `get`. Messages hold nothing of what a helper printed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "oci/credentials.h"

namespace touchstone::oci {

// The answer of `get` with exit status 0 for `server`. Absent: user name and secret are empty.
// Refused: what is no such object, an answer for another server (host and port), control characters
// and a colon in the user name, what is over limits::max_credential_bytes.
// Errors: auth.helper.
Result<std::optional<Credential>> read_helper_answer(ByteView answer, std::string_view server);

// Whether a failing helper means that it has nothing for the server.
bool helper_has_none(ByteView answer);

// What `store` is given. To be wiped.
std::string helper_store_request(std::string_view server, const Credential& credential);

}  // namespace touchstone::oci
