// OpenSSL's handles, each with the function that frees it in its type, and the library context of
// our own. Included by crypto/, hsm/ and gate/ only.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace touchstone::crypto {

template <class T, auto free_fn>
struct Free {
  void operator()(T* handle) const noexcept { free_fn(handle); }
};
template <class T, auto free_fn>
using Handle = std::unique_ptr<T, Free<T, free_fn>>;

using Bio = Handle<BIO, BIO_free_all>;
using BigNumber = Handle<BIGNUM, BN_free>;
using X509Handle = Handle<X509, X509_free>;
using MdContext = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using Pkey = Handle<EVP_PKEY, EVP_PKEY_free>;
using PkeyContext = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

// A library context that reads no configuration file and loads no provider but the built-in ones,
// whatever the environment says.
OSSL_LIB_CTX* library();

// The first entry of this thread's error queue in words, and an empty queue.
std::string drain_errors();

}  // namespace touchstone::crypto
