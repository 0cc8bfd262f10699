#include "hsm/openssl_of_others.h"

#include <dlfcn.h>
#include <openssl/crypto.h>

namespace touchstone::hsm {

void ignore_openssl_configuration_of(void* library) {
  using Initialize = decltype(&OPENSSL_init_crypto);
  // In the library and what it needs.
  const auto initialize = reinterpret_cast<Initialize>(dlsym(library, "OPENSSL_init_crypto"));
  if (initialize != nullptr) initialize(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
}

}  // namespace touchstone::hsm
