#include "crypto/openssl.h"

#include <openssl/err.h>
#include <openssl/provider.h>

#include <array>

#include "crypto/openssl_configuration.h"

namespace touchstone::crypto {

OSSL_LIB_CTX* library() {
  // Lives as long as the process; a configuration file is only read when asked for, and the
  // default provider is built into libcrypto.
  static OSSL_LIB_CTX* const context = [] {
    ignore_openssl_configuration();
    OSSL_LIB_CTX* made = OSSL_LIB_CTX_new();
    if (made == nullptr || OSSL_PROVIDER_load(made, "default") == nullptr) std::abort();
    return made;
  }();
  return context;
}

void ignore_openssl_configuration() {
  // The first caller decides for the life of the process: a later request to load the file, such
  // as libcurl's, finds the step done.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
}

std::string drain_errors() {
  std::array<char, 256> text{};
  const unsigned long first = ERR_get_error();
  if (first != 0) ERR_error_string_n(first, text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

}  // namespace touchstone::crypto
