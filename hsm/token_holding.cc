#include "hsm/token_holding.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/text.h"

namespace touchstone::hsm {
namespace {

constexpr std::array classes = {ck::object_class::private_key, ck::object_class::public_key,
                                ck::object_class::certificate};

std::string_view noun(ck::Ulong object_class) {
  if (object_class == ck::object_class::private_key) return "private key";
  if (object_class == ck::object_class::public_key) return "public key";
  return "certificate";
}

}  // namespace

std::string TokenThing::name() const {
  std::string text = std::string(noun(object_class)) + " \"" + printable(object.label) + "\"";
  if (!object.id.empty()) text += " (id " + to_hex(object.id) + ")";
  return text;
}

Result<std::vector<TokenThing>> things_of(TokenSession& session, const Bytes& id,
                                          const std::string& label) {
  const auto by_id = id.empty() ? std::optional<Bytes>() : std::optional(id);
  const auto by_label = id.empty() ? std::optional(label) : std::optional<std::string>();
  std::vector<TokenThing> things;
  for (const ck::Ulong object_class : classes) {
    TS_TRY(const auto found, session.find(object_class, by_label, by_id));
    for (const TokenObject& object : found) {
      // Without an id, the label joins only what has no id either.
      if (id.empty() && !object.id.empty()) continue;
      things.push_back({object_class, object});
    }
  }
  return things;
}

Result<TokenHolding> holding_of(TokenSession& session, const Token& token, const Pkcs11Uri& uri,
                                const std::string& module_path) {
  TokenHolding holding;
  TS_TRY(const auto keys, visible_keys(session, uri));
  if (keys.size() > 1) return several_keys(token, keys, module_path);
  if (keys.empty()) {
    if (!uri.object && !uri.id) return holding;
    TS_TRY(const auto found, session.find(ck::object_class::certificate, uri.object, uri.id));
    for (const TokenObject& object : found) {
      holding.things.push_back({ck::object_class::certificate, object});
    }
    return holding;
  }
  holding.key = keys.front();
  TS_TRY(holding.things, things_of(session, holding.key->id, holding.key->label));
  std::vector<VisibleKey> sharing;
  for (const TokenThing& thing : holding.things) {
    if (thing.object_class != ck::object_class::private_key) continue;
    sharing.push_back({thing.object.id, thing.object.label, thing.object.handle, std::nullopt});
  }
  if (sharing.size() > 1) return several_keys(token, sharing, module_path);
  return holding;
}

std::vector<std::string> destroy_all(TokenSession& session, const std::vector<TokenThing>& things) {
  std::vector<std::string> left;
  for (const TokenThing& thing : things) {
    if (!session.destroy(thing.object.handle)) left.push_back(thing.name());
  }
  return left;
}

}  // namespace touchstone::hsm
