#include "crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>
#include <cstdlib>

#include "crypto/openssl.h"

namespace touchstone::crypto {
namespace {

// Fetched once: a fetch costs more than hashing a manifest.
const EVP_MD* fetched(Hash algorithm) {
  static const std::array<EVP_MD*, 3> algorithms = {
      EVP_MD_fetch(library(), "SHA2-256", nullptr),
      EVP_MD_fetch(library(), "SHA2-384", nullptr),
      EVP_MD_fetch(library(), "SHA2-512", nullptr),
  };
  return algorithms[static_cast<std::size_t>(algorithm)];
}

}  // namespace

Bytes hash(Hash algorithm, ByteView message) {
  const EVP_MD* md = fetched(algorithm);
  if (md == nullptr) std::abort();
  Bytes out(static_cast<std::size_t>(EVP_MD_get_size(md)));
  unsigned size = 0;
  // A hash that cannot be computed has no safe substitute.
  if (EVP_Digest(message.data(), message.size(), out.data(), &size, md, nullptr) != 1 ||
      size != out.size()) {
    std::abort();
  }
  return out;
}

Digest digest_of(ByteView bytes, Digest::Algorithm algorithm) {
  const Hash kind = algorithm == Digest::Algorithm::sha256 ? Hash::sha256 : Hash::sha512;
  return *Digest::from_hash(hash(kind, bytes));
}

Bytes random_bytes(std::size_t count) {
  Bytes out(count);
  if (RAND_bytes_ex(library(), out.data(), count, 0) != 1) std::abort();
  return out;
}

bool equal_in_constant_time(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace touchstone::crypto
