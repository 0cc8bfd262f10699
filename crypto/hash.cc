#include "crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <cstdlib>

#include "crypto/openssl.h"
#include "crypto/verifying_context.h"

namespace touchstone::crypto {

Bytes hash(Hash algorithm, ByteView message) {
  const EVP_MD* md = message_digest(algorithm);
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

struct Hasher::State {
  const EVP_MD* algorithm;
  MdContext context;
};

Hasher::Hasher(Hash algorithm)
    : state_(
          std::make_unique<State>(State{message_digest(algorithm), MdContext(EVP_MD_CTX_new())})) {
  restart();
}

Hasher::Hasher(Digest::Algorithm algorithm)
    : Hasher(algorithm == Digest::Algorithm::sha256 ? Hash::sha256 : Hash::sha512) {}

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::restart() {
  if (EVP_DigestInit_ex2(state_->context.get(), state_->algorithm, nullptr) != 1) std::abort();
}

void Hasher::add(ByteView bytes) {
  if (EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) != 1) std::abort();
}

Digest Hasher::digest() const { return *Digest::from_hash(hash()); }

Bytes Hasher::hash() const {
  const MdContext copy(EVP_MD_CTX_new());
  std::array<std::uint8_t, 64> out{};
  unsigned size = 0;
  if (EVP_MD_CTX_copy_ex(copy.get(), state_->context.get()) != 1 ||
      EVP_DigestFinal_ex(copy.get(), out.data(), &size) != 1) {
    std::abort();
  }
  return Bytes(out.begin(), out.begin() + size);
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
