// What a registry says when it wants a login, and the link to a list's next page.
//
// Spec: RFC 9110 section 11 (WWW-Authenticate), Distribution's token authentication; RFC 8288
// (Link). Refused: headers over limits::max_challenge_bytes, unbalanced quotes, control characters,
// a parameter given twice, a Bearer or Basic challenge without a realm.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/http.h"
#include "base/result.h"

namespace touchstone::oci {

struct BearerChallenge {
  std::string realm;
  std::string service;  // empty where none is given
  std::string scope;    // empty where none is given
};

// The Bearer challenge among the answer's headers; absent when there are only others.
// Errors: auth.challenge.
Result<std::optional<BearerChallenge>> bearer_challenge(const HttpResponse& response);
Result<std::optional<BearerChallenge>> parse_challenge(std::string_view header);

// Whether one of the answer's headers is a Basic challenge.
// Errors: auth.challenge.
Result<bool> asks_for_basic(const HttpResponse& response);

// The target of the link with rel="next"; absent when there is none.
// Errors: network.protocol.
Result<std::optional<std::string>> next_link(const HttpResponse& response);
Result<std::optional<std::string>> parse_next_link(std::string_view header);

}  // namespace touchstone::oci
