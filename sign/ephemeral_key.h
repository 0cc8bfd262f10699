// A key that is made for one signature and forgotten: a key device in memory.
#pragma once

#include "base/key_device.h"
#include "crypto/private_key.h"

namespace touchstone::sign {

class EphemeralKey : public KeyDevice {
 public:
  // ECDSA P-256: what every service and verifier takes.
  EphemeralKey() : key_(crypto::PrivateKey::generate(crypto::KeyKind::p256)) {
    description_.device = "a key in memory";
  }

  const KeyDescription& describe() const override { return description_; }
  Status unlock(Secret) override { return ok(); }
  Result<Bytes> public_key() override { return key_.public_key().der(); }
  Result<Bytes> sign(Scheme scheme, ByteView message) override {
    return key_.sign(scheme, message);
  }
  Result<Bytes> sign_digest(Scheme scheme, ByteView digest) override {
    return key_.sign_digest(scheme, digest);
  }

 private:
  crypto::PrivateKey key_;
  KeyDescription description_;
};

}  // namespace touchstone::sign
