#include "trust/built_in.h"

namespace touchstone::trust {
namespace {

void assume_signed(const std::vector<formats::CertificateAuthority>& authorities) {
  for (const formats::CertificateAuthority& authority : authorities) {
    for (std::size_t i = 0; i + 1 < authority.chain.size(); ++i) {
      authority.chain[i].assume_signed_by(authority.chain[i + 1]);
    }
  }
}

}  // namespace

std::optional<std::string_view> built_in_root(std::string_view name) {
  if (name == "sigstore") return sigstore_trusted_root;
  return std::nullopt;
}

Result<formats::TrustedRoot> read_built_in(std::string_view root) {
  TS_TRY(formats::TrustedRoot read, formats::TrustedRoot::parse(as_bytes(root)));
  assume_signed(read.authorities);
  assume_signed(read.timestamp_authorities);
  return read;
}

}  // namespace touchstone::trust
