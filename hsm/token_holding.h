// The objects that make up a key on a token, and what is to be said of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "hsm/key_manager.h"
#include "hsm/pkcs11_uri.h"
#include "hsm/token_choice.h"
#include "hsm/token_session.h"

namespace touchstone::hsm {

// One object, with its name for people: private key "k1" (id 01).
struct TokenThing {
  ck::Ulong object_class = 0;
  TokenObject object;
  std::string name() const;
};

struct TokenHolding {
  std::optional<VisibleKey> key;
  std::vector<TokenThing> things;  // private objects first
};

// The one key that fits `uri` with its certificates, or certificates without a key. Two private
// keys that share a CKA_ID are refused: which public key and certificate is whose cannot be told.
// Errors: device.ambiguous, device.*.
Result<TokenHolding> holding_of(TokenSession& session, const Token& token, const Pkcs11Uri& uri,
                                const std::string& module_path);

// Every object with this id (with this label, where the id is empty).
// Errors: device.*.
Result<std::vector<TokenThing>> things_of(TokenSession& session, const Bytes& id,
                                          const std::string& label);

// Removes them in their order; the names of those that could not be removed.
std::vector<std::string> destroy_all(TokenSession& session, const std::vector<TokenThing>& things);

}  // namespace touchstone::hsm
