#include "crypto/openssl.h"

#include <openssl/err.h>
#include <openssl/provider.h>

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

void share_openssl_context() {
  // A program that ends needs no tables taken apart: they are a tenth of what it costs.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr);
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
