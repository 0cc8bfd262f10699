#include "base/digest.h"

#include <algorithm>

#include "base/encoding.h"

namespace touchstone {

Result<Digest> Digest::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view algorithm = text.substr(0, colon);
  if (colon == std::string_view::npos || (algorithm != "sha256" && algorithm != "sha512")) {
    return Error{Code::digest_malformed, "digest does not begin with \"sha256:\" or \"sha512:\"",
                 ""};
  }
  const std::string_view hex = text.substr(colon + 1);
  const std::size_t digits = algorithm == "sha256" ? 64 : 128;
  if (hex.size() != digits) {
    return Error{Code::digest_malformed,
                 "digest has " + std::to_string(hex.size()) + " hex digits; " +
                     std::string(algorithm) + " has " + std::to_string(digits),
                 ""};
  }
  const auto hash = from_hex(hex);
  if (!hash) return Error{Code::digest_malformed, "digest is not lower-case hex", ""};
  return from_hash(*hash);
}

Result<Digest> Digest::from_hash(ByteView hash) {
  if (hash.size() != 32 && hash.size() != 64) {
    return Error{Code::digest_malformed,
                 "a hash of " + std::to_string(hash.size()) + " bytes is no digest", ""};
  }
  Digest digest;
  digest.algorithm_ = hash.size() == 32 ? Algorithm::sha256 : Algorithm::sha512;
  std::ranges::copy(hash, digest.bytes_.begin());
  return digest;
}

std::string Digest::hex() const { return to_hex(hash()); }

std::string Digest::to_string() const { return std::string(algorithm_name()) + ":" + hex(); }

}  // namespace touchstone
