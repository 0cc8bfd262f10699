#include "oci/credentials.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/text.h"

namespace touchstone::oci {
namespace {

constexpr std::array<std::string_view, 3> docker_hub = {"docker.io", "index.docker.io",
                                                        "registry-1.docker.io"};

}  // namespace

Secret Credential::basic() const {
  std::string plain = username + ":";
  plain += secret.reveal();
  std::string encoded = to_base64(as_bytes(plain));
  Secret kept = Secret::holding(encoded);
  wipe(plain);
  wipe(encoded);
  return kept;
}

std::string credential_host(std::string_view registry) {
  std::string host = ascii_lower(registry);
  return std::ranges::find(docker_hub, host) != docker_hub.end() ? "docker.io" : host;
}

std::string credential_host_of_key(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!key.starts_with(scheme)) continue;
    key.remove_prefix(scheme.size());
    break;
  }
  return credential_host(key.substr(0, key.find('/')));
}

}  // namespace touchstone::oci
