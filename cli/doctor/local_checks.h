// What lies on this machine: the trust store, saved logins, a PIN file, the authorities for TLS and
// the proxies in effect. Nothing is changed, and nobody is asked over the network.
#pragma once

#include <string>

#include "base/clock.h"
#include "cli/doctor/findings.h"
#include "cli/shared/saved_logins.h"
#include "net/certificates.h"
#include "net/proxy.h"
#include "trust/trust_store.h"

namespace touchstone::cli {

// A trusted key or authority that ends sooner than this is told.
inline constexpr std::chrono::days soon{30};

// The folder, that nobody else can change it or put another in its place, and each root in it.
Findings check_trust_store(const std::string& folder, const Clock& clock);

// Whether anything in the root is valid, and for how long.
Finding judge_root(const trust::Root& root, std::chrono::sys_seconds now);

// The files with logins and the helpers that they name: who can change or read them. The registries
// in them are told by name, and not asked.
Findings check_logins(const LoginPlaces& places);

// As --pin-file takes it. It is read, and forgotten.
Finding check_pin_file(const std::string& path);

// `ca_file` is --registry-ca.
Finding check_authorities(const std::string& ca_file, const net::CertificateStore& system);

// Without the passwords that may be in their addresses.
Finding check_proxies(const net::Proxies& proxies);
std::string without_login(const std::string& proxy);

}  // namespace touchstone::cli
