#include "oci/login_rules.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace touchstone::oci {
namespace {

struct Pair {
  std::string_view registry;
  std::string_view login_server;
};

// Public registries whose login server is another host of the same people; both over TLS and on the
// port for it.
constexpr std::array pairs = {
    Pair{"registry-1.docker.io", "auth.docker.io"},
    Pair{"registry.gitlab.com", "gitlab.com"},
    Pair{"registry.digitalocean.com", "api.digitalocean.com"},
};

}  // namespace

bool is_safe_for_secrets(const Url& address) {
  return address.scheme == "https" || is_loopback_host(address.host);
}

bool realm_may_have_credentials(const Url& realm, const Url& registry,
                                std::span<const std::string> named_by_user) {
  if (!is_safe_for_secrets(realm)) return false;
  if (realm.same_origin(registry)) return true;
  const std::string authority = realm.authority();
  const auto is_realm = [&](const std::string& host) { return ascii_lower(host) == authority; };
  if (std::ranges::any_of(named_by_user, is_realm)) return true;
  if (realm.scheme != "https") return false;
  if (realm.host == registry.host) return !is_loopback_host(realm.host);
  return registry.scheme == "https" && std::ranges::any_of(pairs, [&](const Pair& pair) {
           return registry.authority() == pair.registry && authority == pair.login_server;
         });
}

}  // namespace touchstone::oci
