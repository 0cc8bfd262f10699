// A SoftHSM token of its own for one test: a temporary folder with its configuration, keys made
// through Cryptoki. No configuration of the machine and no real token is ever touched.
//
// Making tokens and keys starts and stops the module, so no key of it may be open meanwhile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "hsm/cryptoki.h"
#include "tests/support/temporary_folder.h"

namespace touchstone::test {

enum class TokenKeyKind { p256, p384, p521, rsa2048, rsa3072, rsa4096, ed25519 };

struct TokenKeyOptions {
  std::string token = "rel";
  bool always_authenticate = false;    // the PIN before each signature
  bool private_object = true;          // false: usable without login
  bool keep_public = true;             // false: the public key object is removed
  std::string_view public_label = "";  // of the public half, when it has another name
};

// SoftHSM 2.6.1 loses the parsed curve name of each Edwards key it makes or uses; while one of
// these is alive, the leak sanitizer does not look.
class SoftHsmLeaksHere {
 public:
  SoftHsmLeaksHere();
  ~SoftHsmLeaksHere();
  SoftHsmLeaksHere(const SoftHsmLeaksHere&) = delete;
  SoftHsmLeaksHere& operator=(const SoftHsmLeaksHere&) = delete;
};

class SoftToken {
 public:
  static constexpr std::string_view pin = "648219";
  static constexpr std::string_view so_pin = "95137462";

  // Whether SoftHSM is installed; says so on standard error when it is not.
  static bool available();
  static std::string softhsm();  // the module's path

  // A folder with one initialised token, and SOFTHSM2_CONF pointing at it.
  explicit SoftToken(std::string_view label = "rel");
  ~SoftToken();
  SoftToken(const SoftToken&) = delete;
  SoftToken& operator=(const SoftToken&) = delete;

  void add_token(std::string_view label);
  void generate(TokenKeyKind kind, std::string_view label, const Bytes& id,
                const TokenKeyOptions& options = {});
  void add_certificate(ByteView der, std::string_view label, const Bytes& id);

  // Every object that the user can see on the first token of that label, in order: "private k 01".
  std::vector<std::string> inventory(std::string_view user_pin = pin) const;

  // "pkcs11:" + path + "?module-path=" + the module.
  std::string uri(std::string_view path, std::string_view module = {}) const;

  const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
};

}  // namespace touchstone::test
