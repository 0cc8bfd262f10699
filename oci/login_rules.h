// Where a user's credentials may be sent.
//
// Spec: design of the project, REG-24 to REG-26: a registry names its login server itself, so what
// it names is not believed.
#pragma once

#include <span>
#include <string>

#include "base/url.h"

namespace touchstone::oci {

// Whether secrets may be sent there at all: over TLS, or to this machine.
bool is_safe_for_secrets(const Url& address);

// Whether `realm` may have the credentials of `registry`: over TLS where it is the registry's own
// host (on loopback the same port too, as others' programs listen there), one of a built-in pair
// (Docker Hub, GitLab.com, DigitalOcean), or a host (host[:port]) that the user named. Without TLS
// only on loopback: the registry itself, or one that the user named.
bool realm_may_have_credentials(const Url& realm, const Url& registry,
                                std::span<const std::string> named_by_user);

}  // namespace touchstone::oci
