// The Notary Project's trust policy, specification trust-store-trust-policy.md, version 1.0.
#include "formats/json_fields.h"
#include "policy/foreign_draft.h"
#include "trust/trust_store.h"

namespace touchstone::policy {
namespace {

using formats::Fields;
using formats::Json;

Error foreign(const Error& error) {
  return in_context(error, Code::policy_foreign, "the trust policy");
}

std::vector<std::string> texts_of(const Json::Array& items) {
  std::vector<std::string> texts;
  for (const Json& item : items) {
    if (item.string() != nullptr) texts.push_back(*item.string());
  }
  return texts;
}

// "ca:NAME" is a root of our store; the other kinds have no counterpart.
std::vector<std::string> roots_of(const std::vector<std::string>& stores, ForeignDraft& draft) {
  std::vector<std::string> roots;
  for (const std::string& store : stores) {
    if (store.starts_with("ca:") && trust::check_root_name(store.substr(3))) {
      roots.push_back(draft.stored_root(store.substr(3)));
    } else {
      draft.note("the trust store \"" + store + "\" cannot be said");
    }
  }
  return roots;
}

// Names there are distinguished names; ours are alternative names, so that "*" alone can be said.
Json requirement_of(const std::vector<std::string>& roots,
                    const std::vector<std::string>& identities, ForeignDraft& draft) {
  if (roots.empty()) return draft.deny("no trust store of authorities is named");
  if (identities.size() != 1 || identities.front() != "*") {
    return draft.deny(
        "identities by distinguished names: name the alternative names under `subject`");
  }
  Json::Array names;
  for (const std::string& root : roots) names.emplace_back(root);
  return single("signatures", single("root", Json(std::move(names))));
}

Status add_policy(const Fields& policy, ForeignDraft& draft) {
  TS_TRY(const std::string name, policy.string("name"));
  TS_TRY(const Fields verification, policy.object("signatureVerification"));
  TS_TRY(const std::string level, verification.string("level"));
  TS_TRY(const auto* scopes, policy.array("registryScopes"));
  TS_TRY(const auto* stores, policy.array_or_empty("trustStores"));
  TS_TRY(const auto* identities, policy.array_or_empty("trustedIdentities"));
  if (verification.has("override"))
    draft.note("`override` of single checks cannot be said: all are made");
  if (level == "permissive") draft.note("level permissive: expiry and revocation are errors here");
  std::vector<std::string> patterns;
  for (const std::string& scope : texts_of(*scopes))
    patterns.push_back(scope == "*" ? "**" : scope);
  Json require = level == "skip" ? Json("allow")
                                 : requirement_of(roots_of(texts_of(*stores), draft),
                                                  texts_of(*identities), draft);
  draft.rule(name, patterns, std::move(require), level == "audit");
  return ok();
}

}  // namespace

Status from_notation(const Json& json, ForeignDraft& draft) {
  const auto policy = Fields::of(json);
  if (!policy) return foreign(policy.error());
  const auto listed = policy->objects_or_empty("trustPolicies", 1024);
  if (!listed) return foreign(listed.error());
  if (listed->empty())
    return Error{Code::policy_foreign, "the trust policy has no trustPolicies", ""};
  draft.note("signatures in the Notary Project's own forms are not read: sign the images anew");
  for (const Fields& each : *listed) {
    if (const auto added = add_policy(each, draft); !added) return foreign(added.error());
  }
  return ok();
}

}  // namespace touchstone::policy
