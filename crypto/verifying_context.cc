#include "crypto/verifying_context.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/provider.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "crypto/openssl.h"

namespace touchstone::crypto {
namespace {

constexpr const char* provider_name = "touchstone-verifying";

// The default provider, whose parts are offered.
const OSSL_PROVIDER* whole() {
  static OSSL_PROVIDER* const provider = OSSL_PROVIDER_load(library(), "default");
  if (provider == nullptr) std::abort();
  return provider;
}

// By its first name: the others are aliases and numbers.
bool is_offered(const OSSL_ALGORITHM& algorithm) {
  constexpr std::array names = {std::string_view("RSA"),      std::string_view("RSA-PSS"),
                                std::string_view("EC"),       std::string_view("ECDSA"),
                                std::string_view("ED25519"),  std::string_view("SHA1"),
                                std::string_view("SHA2-224"), std::string_view("SHA2-256"),
                                std::string_view("SHA2-384"), std::string_view("SHA2-512")};
  const std::string_view all = algorithm.algorithm_names;
  return std::ranges::find(names, all.substr(0, all.find(':'))) != names.end();
}

std::vector<OSSL_ALGORITHM> offered(int operation) {
  std::vector<OSSL_ALGORITHM> list;
  int no_cache = 0;
  const OSSL_ALGORITHM* next = OSSL_PROVIDER_query_operation(whole(), operation, &no_cache);
  for (; next != nullptr && next->algorithm_names != nullptr; ++next) {
    if (is_offered(*next)) list.push_back(*next);
  }
  list.push_back({nullptr, nullptr, nullptr, nullptr});
  return list;
}

const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) {
  static const std::vector<OSSL_ALGORITHM> digests = offered(OSSL_OP_DIGEST);
  static const std::vector<OSSL_ALGORITHM> keys = offered(OSSL_OP_KEYMGMT);
  static const std::vector<OSSL_ALGORITHM> signatures = offered(OSSL_OP_SIGNATURE);
  static const std::vector<OSSL_ALGORITHM> decoders = offered(OSSL_OP_DECODER);
  *no_cache = 0;
  switch (operation) {
    case OSSL_OP_DIGEST:
      return digests.data();
    case OSSL_OP_KEYMGMT:
      return keys.data();
    case OSSL_OP_SIGNATURE:
      return signatures.data();
    case OSSL_OP_DECODER:
      return decoders.data();
    default:
      return nullptr;
  }
}

int start(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** functions,
          void** context) {
  static const std::array<OSSL_DISPATCH, 2> ours = {
      {{OSSL_FUNC_PROVIDER_QUERY_OPERATION, reinterpret_cast<void (*)()>(query)}, {0, nullptr}}};
  *functions = ours.data();
  // What is offered is the default provider's, and gets its context.
  *context = OSSL_PROVIDER_get0_provider_ctx(whole());
  return 1;
}

}  // namespace

OSSL_LIB_CTX* verifying_library() {
  static OSSL_LIB_CTX* const context = [] {
    OSSL_LIB_CTX* made = OSSL_LIB_CTX_new();
    if (made == nullptr || OSSL_PROVIDER_add_builtin(made, provider_name, start) != 1 ||
        OSSL_PROVIDER_load(made, provider_name) == nullptr) {
      std::abort();
    }
    return made;
  }();
  return context;
}

const EVP_MD* message_digest(Hash algorithm) {
  static const std::array<const EVP_MD*, 3> algorithms = {
      EVP_MD_fetch(verifying_library(), "SHA2-256", nullptr),
      EVP_MD_fetch(verifying_library(), "SHA2-384", nullptr),
      EVP_MD_fetch(verifying_library(), "SHA2-512", nullptr),
  };
  const EVP_MD* digest = algorithms[static_cast<std::size_t>(algorithm)];
  if (digest == nullptr) std::abort();
  return digest;
}

}  // namespace touchstone::crypto
