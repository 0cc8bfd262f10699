// Text that looks like a secret: for the commands and the environment of an image, which everybody
// who pulls it can read. It finds what people forget, not what somebody hides.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace touchstone::judge {

// What kind of secret a text seems to hold, in words; never the secret itself. Known are keys and
// tokens with forms of their own (AWS, GitHub, GitLab, Slack, Google, Stripe, npm; private keys in
// PEM), passwords in URLs, bearer tokens, and values given to names such as DB_PASSWORD or API_KEY,
// unless the value is a reference ($NAME), a path or a plain yes or no.
std::optional<std::string> find_secret(std::string_view text);

}  // namespace touchstone::judge
