// Where a redirect may lead, by the text of the addresses alone. (What a name resolves to is
// judged when the connection is made.)
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/url.h"

namespace touchstone::net {

// 301, 302, 303, 307 and 308.
bool is_redirect(int status);

// The address that `location` names, seen from `current`, for a request that was made to
// `original`. Https is always taken. Plain http is taken only when neither `original` nor
// `current` was https and it stays at the origin of `original`, or on loopback where that was.
// Errors: network.redirect (other schemes included).
Result<Url> redirect_target(const Url& original, const Url& current, std::string_view location);

}  // namespace touchstone::net
