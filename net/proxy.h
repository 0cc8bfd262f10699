// Which addresses are reached through a proxy.
//
// Spec: none; what curl, Go and wget agree on about NO_PROXY.
#pragma once

#include <string>
#include <string_view>

#include "base/url.h"

namespace touchstone::net {

struct Proxies {
  std::string for_https;  // "http://[user:password@]host:port"; empty: none
  std::string for_http;
  // Hosts reached without, separated by commas or blanks: a name counts for itself and for what is
  // below it, with or without a leading dot; an address, or a range (10.0.0.0/8), for addresses
  // that are written so; each may end in a port; "*" for all.
  std::string exceptions;
};

// The proxy for an address; empty: none. This machine's own addresses are never reached through
// one.
std::string proxy_for(const Url& address, const Proxies& proxies);

}  // namespace touchstone::net
