// Which token and which key a URI means: exactly one, or an error that shows what there is.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "hsm/module.h"
#include "hsm/pkcs11_uri.h"
#include "hsm/token_session.h"

namespace touchstone::hsm {

// A key as far as it can be seen: either half may be hidden.
struct VisibleKey {
  Bytes id;
  std::string label;
  std::optional<ck::Object> private_key;
  std::optional<ck::Object> public_key;
};

// The tokens that fit.
// Errors: device.module, device.failed.
Result<std::vector<Token>> matching_tokens(Module& module, const Pkcs11Uri& uri);

// Errors: device.not-found, device.ambiguous, as above.
Result<Token> only_token(Module& module, const Pkcs11Uri& uri, const std::string& module_path);

// The keys of which a half fits and can be seen in this session, halves joined by CKA_ID (by label
// where there is no id).
// Errors: device.*.
Result<std::vector<VisibleKey>> visible_keys(TokenSession& session, const Pkcs11Uri& uri);

// What `--key` takes to name this key again.
std::string key_uri(const Token& token, const VisibleKey& key, const std::string& module_path);

Error several_keys(const Token& token, const std::vector<VisibleKey>& keys,
                   const std::string& module_path);

}  // namespace touchstone::hsm
