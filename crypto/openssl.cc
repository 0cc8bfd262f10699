#include "crypto/openssl.h"

#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include <array>

#include "crypto/openssl_configuration.h"

namespace touchstone::crypto {
namespace {

bool use_default_context = false;

}  // namespace

OSSL_LIB_CTX* library() {
  // Lives as long as the process; a configuration file is only read when asked for, and the
  // default provider is built into libcrypto.
  static OSSL_LIB_CTX* const context = [] {
    ignore_openssl_configuration();
    OSSL_LIB_CTX* made = use_default_context ? nullptr : OSSL_LIB_CTX_new();
    if (made == nullptr && !use_default_context) std::abort();
    if (OSSL_PROVIDER_load(made, "default") == nullptr) std::abort();
    return made;
  }();
  return context;
}

void ignore_openssl_configuration() {
  // The first caller decides for the life of the process: a later request to load the file, such
  // as libcurl's, finds the step done.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
}

void own_openssl() {
  // What a program that lives for milliseconds needs not: tables of every algorithm that OpenSSL
  // ever had (the provider has names of its own), texts of errors (but for TLS's), and to take all
  // of it apart at the end.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT |
                          OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ADD_ALL_DIGESTS |
                          OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS,
                      nullptr);
  // Signatures of certificates are still looked up there; the weak ones so that they are called
  // weak.
  for (const EVP_MD* digest :
       {EVP_md5(), EVP_sha1(), EVP_sha224(), EVP_sha256(), EVP_sha384(), EVP_sha512()}) {
    EVP_add_digest(digest);
  }
  // As good as the default CTR_DRBG (both are NIST SP 800-90A's), of which every cipher that there
  // is would be looked up first.
  if (RAND_set_DRBG_type(nullptr, "HASH-DRBG", nullptr, nullptr, "SHA2-512") != 1) std::abort();
  use_default_context = true;
}

std::string drain_errors() {
  std::array<char, 256> text{};
  const unsigned long first = ERR_get_error();
  if (first != 0) ERR_error_string_n(first, text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

}  // namespace touchstone::crypto
