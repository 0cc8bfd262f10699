// ECDSA as a broken token makes it: each signature with the same secret number.
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <memory>
#include <utility>

#include "base/bytes.h"

namespace touchstone::test {

struct RawSignature {
  Bytes r;  // both as long as a coordinate
  Bytes s;
};

// FIPS 186-4 section 6.4, with a number that never changes. For P-256 and P-384; `digest` is at
// most as long as a coordinate.
inline RawSignature sign_with_one_nonce(EVP_PKEY* key, ByteView digest) {
  const auto owned = [](auto* pointer, auto free_fn) {
    return std::unique_ptr<std::remove_pointer_t<decltype(pointer)>, decltype(free_fn)>(pointer,
                                                                                        free_fn);
  };
  const int width = EVP_PKEY_get_bits(key) / 8;
  const auto context = owned(BN_CTX_new(), BN_CTX_free);
  const auto group =
      owned(EC_GROUP_new_by_curve_name(width == 32 ? NID_X9_62_prime256v1 : NID_secp384r1),
            EC_GROUP_free);
  const BIGNUM* order = EC_GROUP_get0_order(group.get());
  const auto nonce = owned(BN_new(), BN_clear_free);
  const auto r = owned(BN_new(), BN_free);
  const auto s = owned(BN_new(), BN_free);
  const auto hash =
      owned(BN_bin2bn(digest.data(), static_cast<int>(digest.size()), nullptr), BN_free);
  BIGNUM* scalar = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &scalar);
  const auto secret = owned(scalar, BN_clear_free);

  BN_set_word(nonce.get(), 0x5eed);
  const auto point = owned(EC_POINT_new(group.get()), EC_POINT_free);
  EC_POINT_mul(group.get(), point.get(), nonce.get(), nullptr, nullptr, context.get());
  EC_POINT_get_affine_coordinates(group.get(), point.get(), r.get(), nullptr, context.get());
  BN_nnmod(r.get(), r.get(), order, context.get());
  // s = (hash + r * secret) / nonce
  BN_mod_mul(s.get(), r.get(), secret.get(), order, context.get());
  BN_mod_add(s.get(), s.get(), hash.get(), order, context.get());
  BN_mod_inverse(nonce.get(), nonce.get(), order, context.get());
  BN_mod_mul(s.get(), s.get(), nonce.get(), order, context.get());

  RawSignature signature{Bytes(static_cast<std::size_t>(width)),
                         Bytes(static_cast<std::size_t>(width))};
  BN_bn2binpad(r.get(), signature.r.data(), width);
  BN_bn2binpad(s.get(), signature.s.data(), width);
  return signature;
}

}  // namespace touchstone::test
