// Which network addresses are not for the public: a redirect that leads there is an attack on
// whoever can reach them.
//
// Spec: the IANA special-purpose address registries (RFC 6890). Private is everything that is not
// globally reachable: loopback, private use, shared, link-local (metadata services), benchmarking,
// multicast, reserved; and IPv6 addresses that carry such an IPv4 address.
#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>

namespace touchstone::net {

// "127.0.0.1" or "::1"; empty for families other than IPv4 and IPv6.
std::string address_text(const sockaddr& address);

// For an address in text ("127.0.0.1", "::1", "[::1]"). Anything else counts as private.
bool is_private_address(std::string_view text);

// Whether `host` is an IPv4 or IPv6 address in text, brackets or not.
bool is_address_literal(std::string_view host);

}  // namespace touchstone::net
