// Absolute http and https addresses, taken apart.
//
// Spec: RFC 3986, the subset that registries need. Refused: other schemes, user information,
// fragments, control characters and blanks, empty hosts, ports outside 1 to 65535.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace touchstone {

struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case; an IPv6 literal keeps its brackets
  int port = 0;        // the scheme's own when none is written
  std::string target;  // path and query, beginning with '/'

  // Errors: network.protocol.
  static Result<Url> parse(std::string_view text);

  // `reference` (absolute, "//host/...", "/path", "?query" or "path") seen from this address.
  // Errors: network.protocol.
  Result<Url> resolve(std::string_view reference) const;

  std::string path() const { return target.substr(0, target.find('?')); }
  std::string authority() const;  // host, with the port when it is not the scheme's own
  std::string to_string() const;

  bool same_origin(const Url& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

// "localhost", 127.0.0.0/8 or [::1], by the text of the host alone.
bool is_loopback_host(std::string_view host);

// Percent-encodes everything but RFC 3986's unreserved characters.
std::string percent_encode(std::string_view text);

// "[::1]:5000" -> "[::1]", "host:80" -> "host".
std::string_view host_of_authority(std::string_view authority);

}  // namespace touchstone
