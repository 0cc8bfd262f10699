#include "trust/built_in.h"

namespace touchstone::trust {

std::optional<std::string_view> built_in_root(std::string_view name) {
  if (name == "sigstore") return sigstore_trusted_root;
  return std::nullopt;
}

}  // namespace touchstone::trust
