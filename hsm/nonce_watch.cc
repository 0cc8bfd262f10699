#include "hsm/nonce_watch.h"

#include <map>
#include <optional>
#include <utility>

#include "base/der.h"
#include "crypto/hash.h"

namespace touchstone::hsm {
namespace {

// Absent for schemes other than ECDSA's.
std::optional<crypto::Hash> ecdsa_hash(Scheme scheme) {
  if (scheme == Scheme::ecdsa_sha256) return crypto::Hash::sha256;
  if (scheme == Scheme::ecdsa_sha384) return crypto::Hash::sha384;
  if (scheme == Scheme::ecdsa_sha512) return crypto::Hash::sha512;
  return std::nullopt;
}

std::optional<Bytes> r_of(ByteView signature) {
  Reader reader(signature);
  const auto sequence = der::expect(reader, der::sequence);
  if (!sequence) return std::nullopt;
  Reader inner(*sequence);
  const auto r = der::unsigned_integer(inner);
  if (!r) return std::nullopt;
  return Bytes(r->begin(), r->end());
}

class WatchedKey : public KeyDevice {
 public:
  explicit WatchedKey(std::unique_ptr<KeyDevice> key) : key_(std::move(key)) {}

  const KeyDescription& describe() const override { return key_->describe(); }
  Status unlock(Secret pin) override { return key_->unlock(std::move(pin)); }
  Result<Bytes> public_key() override { return key_->public_key(); }

  Result<Bytes> sign(Scheme scheme, ByteView message) override {
    if (given_away_) return given_away();
    TS_TRY(Bytes signature, key_->sign(scheme, message));
    const auto hash = ecdsa_hash(scheme);
    if (hash) TS_CHECK(check(scheme, crypto::hash(*hash, message), signature));
    return signature;
  }

  Result<Bytes> sign_digest(Scheme scheme, ByteView digest) override {
    if (given_away_) return given_away();
    TS_TRY(Bytes signature, key_->sign_digest(scheme, digest));
    if (ecdsa_hash(scheme)) TS_CHECK(check(scheme, Bytes(digest.begin(), digest.end()), signature));
    return signature;
  }

 private:
  // What was signed, by its digest, with a given r.
  using Signed = std::pair<Scheme, Bytes>;

  Status check(Scheme scheme, Bytes digest, ByteView signature) {
    auto r = r_of(signature);
    if (!r) {
      return Error{Code::device_signature,
                   describe().device + " made an ECDSA signature that is not DER", ""};
    }
    const Signed now(scheme, std::move(digest));
    const auto [seen, first] = seen_.emplace(*std::move(r), now);
    given_away_ = !first && seen->second != now;
    return given_away_ ? Status(given_away()) : ok();
  }

  Error given_away() const {
    return Error{Code::device_nonce,
                 describe().device +
                     " signed two messages with one secret number; the second signature "
                     "is not used",
                 ""};
  }

  std::unique_ptr<KeyDevice> key_;
  std::map<Bytes, Signed> seen_;
  bool given_away_ = false;
};

}  // namespace

std::unique_ptr<KeyDevice> watch_nonces(std::unique_ptr<KeyDevice> key) {
  return std::make_unique<WatchedKey>(std::move(key));
}

}  // namespace touchstone::hsm
