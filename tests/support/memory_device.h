// A key in memory as a key device, whose signatures can be spoiled.
#pragma once

#include <utility>

#include "base/key_device.h"
#include "crypto/private_key.h"

namespace touchstone::test {

class MemoryDevice : public KeyDevice {
 public:
  explicit MemoryDevice(crypto::KeyKind kind = crypto::KeyKind::p256)
      : key_(crypto::PrivateKey::generate(kind)) {}
  explicit MemoryDevice(crypto::PrivateKey key) : key_(std::move(key)) {}

  const KeyDescription& describe() const override { return description_; }
  Status unlock(Secret) override { return ok(); }
  Result<Bytes> public_key() override { return key_.public_key().der(); }
  Result<Bytes> sign(Scheme scheme, ByteView message) override {
    ++signatures;
    last_scheme = scheme;
    auto signature = key_.sign(scheme, message);
    if (spoil && signature) signature->back() ^= 1;
    return signature;
  }
  Result<Bytes> sign_digest(Scheme scheme, ByteView digest) override {
    ++signatures;
    last_scheme = scheme;
    auto signature = key_.sign_digest(scheme, digest);
    if (spoil && signature) signature->back() ^= 1;
    return signature;
  }
  const crypto::PublicKey& key() const { return key_.public_key(); }

  bool spoil = false;
  int signatures = 0;
  Scheme last_scheme = Scheme::ed25519;

 private:
  crypto::PrivateKey key_;
  KeyDescription description_;
};

}  // namespace touchstone::test
