#include "cli/registry_name.h"

#include "base/text.h"
#include "base/url.h"
#include "oci/credentials.h"

namespace touchstone::cli {

Result<Reference> parse_registry(std::string_view text) {
  const Error malformed{Code::reference_malformed, "\"" + printable(text) + "\" is no registry",
                        "a host with a port where it has one: registry.example:5000"};
  std::string_view host = text;
  if (host.starts_with("https://")) host.remove_prefix(8);
  while (host.ends_with('/')) host.remove_suffix(1);
  if (host.empty() || host.find_first_of("/@") != std::string_view::npos) return malformed;
  auto reference = Reference::parse(std::string(host) + "/name");
  const bool is_host = reference && !reference->is_layout() && reference->repository() == "name";
  return is_host || oci::credential_host(host) == "docker.io" ? std::move(reference)
                                                              : Result<Reference>(malformed);
}

bool names_registry(std::string_view text) {
  if (text.starts_with("oci-layout:")) return false;
  if (text.starts_with("https://") || text.ends_with('/')) return true;
  if (text.find_first_of("/@") != std::string_view::npos) return false;
  const std::string_view host = host_of_authority(text);
  return host.contains('.') || host.starts_with('[') || is_loopback_host(ascii_lower(host));
}

}  // namespace touchstone::cli
