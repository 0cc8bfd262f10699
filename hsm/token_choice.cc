#include "hsm/token_choice.h"

#include <algorithm>

#include "base/text.h"

namespace touchstone::hsm {
namespace {

constexpr std::size_t shown_candidates = 8;

Pkcs11Uri token_uri(const Token& token, const std::string& module_path) {
  Pkcs11Uri uri;
  if (!token.label.empty()) uri.token = token.label;
  if (!token.serial.empty()) uri.serial = token.serial;
  uri.module_path = module_path;
  return uri;
}

std::string candidates(std::vector<std::string> names) {
  if (names.size() > shown_candidates) {
    names.resize(shown_candidates);
    names.push_back("...");
  }
  return join(names, " ");
}

Error several_tokens(const std::vector<Token>& tokens, const std::string& module_path) {
  std::vector<std::string> names;
  for (const Token& token : tokens) {
    Pkcs11Uri uri = token_uri(token, module_path);
    const bool twin = std::ranges::count_if(tokens, [&](const Token& other) {
                        return other.label == token.label && other.serial == token.serial;
                      }) > 1;
    if (twin) uri.slot_id = token.slot_id;
    names.push_back(uri.to_string());
  }
  return Error{Code::device_ambiguous,
               std::to_string(tokens.size()) + " tokens fit: " + candidates(std::move(names)), ""};
}

Error no_token(const std::vector<Token>& present) {
  std::vector<std::string> names;
  for (const Token& token : present) names.push_back(name_of(token));
  if (names.size() > shown_candidates) names.resize(shown_candidates);
  return Error{
      Code::device_not_found,
      names.empty() ? "the module has no token" : "no token fits; present: " + join(names, ", "),
      ""};
}

bool are_halves(const VisibleKey& key, const TokenObject& other) {
  return other.id.empty() ? key.id.empty() && key.label == other.label : key.id == other.id;
}

// Some modules give the halves of a key different labels ("SIGN key", "SIGN pubkey"). Whichever of
// them a URI names, CKA_ID leads to the other.
Status join_private_halves(TokenSession& session, std::vector<VisibleKey>& keys) {
  std::vector<VisibleKey> joined;
  for (VisibleKey& key : keys) {
    std::vector<TokenObject> halves;
    if (!key.private_key && !key.id.empty()) {
      TS_TRY(halves, session.find(ck::object_class::private_key, std::nullopt, key.id));
    }
    for (const TokenObject& half : halves) {
      joined.push_back({key.id, key.label, half.handle, key.public_key});
    }
    if (halves.empty()) joined.push_back(std::move(key));
  }
  keys = std::move(joined);
  return ok();
}

}  // namespace

Result<std::vector<Token>> matching_tokens(Module& module, const Pkcs11Uri& uri) {
  TS_TRY(auto tokens, module.tokens());
  if (!module.matches(uri)) return std::vector<Token>();
  std::erase_if(tokens, [&](const Token& token) { return !matches(token, uri); });
  return tokens;
}

Result<Token> only_token(Module& module, const Pkcs11Uri& uri, const std::string& module_path) {
  TS_TRY(const auto tokens, matching_tokens(module, uri));
  if (tokens.size() == 1) return tokens.front();
  if (tokens.size() > 1) return several_tokens(tokens, module_path);
  TS_TRY(const auto present, module.tokens());
  return no_token(present);
}

Result<std::vector<VisibleKey>> visible_keys(TokenSession& session, const Pkcs11Uri& uri) {
  std::vector<VisibleKey> keys;
  TS_TRY(const auto private_keys, session.find(ck::object_class::private_key, uri.object, uri.id));
  for (const TokenObject& object : private_keys) {
    keys.push_back({object.id, object.label, object.handle, std::nullopt});
  }
  TS_TRY(const auto public_keys, session.find(ck::object_class::public_key, uri.object, uri.id));
  for (const TokenObject& object : public_keys) {
    const auto half = std::ranges::find_if(
        keys, [&](const VisibleKey& key) { return key.private_key && are_halves(key, object); });
    if (half == keys.end()) {
      keys.push_back({object.id, object.label, std::nullopt, object.handle});
    } else {
      half->public_key = object.handle;
    }
  }
  if (uri.object) TS_CHECK(join_private_halves(session, keys));
  return keys;
}

std::string key_uri(const Token& token, const VisibleKey& key, const std::string& module_path) {
  Pkcs11Uri uri = token_uri(token, module_path);
  if (!key.label.empty()) uri.object = key.label;
  if (!key.id.empty()) uri.id = key.id;
  return uri.to_string();
}

Error several_keys(const Token& token, const std::vector<VisibleKey>& keys,
                   const std::string& module_path) {
  std::vector<std::string> names;
  for (const VisibleKey& key : keys) names.push_back(key_uri(token, key, module_path));
  return Error{Code::device_ambiguous,
               std::to_string(keys.size()) + " keys fit: " + candidates(std::move(names)), ""};
}

}  // namespace touchstone::hsm
