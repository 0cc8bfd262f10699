// One registry, or one image, as `verify` would reach it: the name, TLS, the login, the list of
// what is attached; and how long it takes. Every request but the second timing goes through the
// same code as theirs.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/http.h"
#include "base/reference.h"
#include "cli/doctor/findings.h"
#include "net/proxy.h"
#include "oci/repository.h"

namespace touchstone::cli {

// What the checks are made with. `access` holds the user's logins.
struct RegistryWorld {
  HttpClient& http;
  const Clock& clock;
  oci::Access access;
  net::Proxies proxies;
};

// Whether it answers as a registry, how fast, whether it demands a login and takes the one that is
// saved, and what time it believes it is. That a login is demanded which may be an anonymous one is
// a warning.
Findings check_registry(const Reference& registry, const RegistryWorld& world);

// The same, and the image: that it can be read, and what is attached to it, by the referrers API or
// the fallback tag. Of a layout folder only that.
Findings check_image(const Reference& image, const RegistryWorld& world);

// A failure with a hint that fits what it says, where one is known.
Error with_hint(Error error, const std::string& registry);

}  // namespace touchstone::cli
