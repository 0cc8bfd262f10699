// containers-policy.json(5).
#include "formats/json_fields.h"
#include "policy/foreign_draft.h"

namespace touchstone::policy {
namespace {

using formats::Fields;
using formats::Json;

Error foreign(const Error& error) { return in_context(error, Code::policy_foreign, "the policy"); }

Result<Json> signed_by_keys(const Fields& requirement, ForeignDraft& draft) {
  std::vector<std::string> files;
  TS_TRY(const std::string path, requirement.string_or("keyPath", ""));
  if (!path.empty()) files.push_back(path);
  TS_TRY(const auto* paths, requirement.array_or_empty("keyPaths"));
  for (const Json& each : *paths) {
    if (each.string() != nullptr) files.push_back(*each.string());
  }
  if (files.empty())
    return draft.deny("keyData, fulcio and pki cannot be said: give files, or a trusted_root.json");
  Json signatures = single("root", Json(draft.key_root(files)));
  signatures.set("formats", Json(Json::Array{Json("cosign")}));
  return single("signatures", std::move(signatures));
}

Result<Json> requirement_of(const Json& json, ForeignDraft& draft) {
  TS_TRY(const Fields requirement, Fields::of(json));
  TS_TRY(const std::string type, requirement.string("type"));
  if (type == "insecureAcceptAnything") return Json("allow");
  if (type == "reject") return Json("deny");
  if (type == "signedBy") return draft.deny("signatures by GPG keys (signedBy) cannot be said");
  if (type != "sigstoreSigned") return draft.deny("the type \"" + type + "\" is unknown");
  for (const char* log :
       {"rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas"}) {
    if (requirement.has(log))
      return draft.deny("a log by its key alone cannot be said: give a trusted_root.json");
  }
  draft.note("the repository that a signature names (signedIdentity) is not compared");
  return signed_by_keys(requirement, draft);
}

// All of them must be met. Nothing but "accept anything" beside others asks for nothing.
Result<Json> requirements_of(const Json& json, ForeignDraft& draft) {
  if (json.array() == nullptr || json.array()->empty()) {
    return Error{Code::policy_foreign, "the policy has an empty list of requirements", ""};
  }
  std::vector<Json> parts;
  for (const Json& each : *json.array()) {
    TS_TRY(Json part, requirement_of(each, draft));
    parts.push_back(std::move(part));
  }
  return joined("all_of", std::move(parts));
}

// A scope is a host, a namespace, a repository, or one with a tag or a digest.
std::string pattern_of(const std::string& scope) {
  const std::size_t slash = scope.rfind('/');
  const bool pinned =
      scope.contains('@') || (slash != scope.npos && scope.find(':', slash) != scope.npos);
  return pinned ? scope : scope + "/**";
}

Status add_scopes(const Fields& scopes, ForeignDraft& draft, Json& fallback) {
  for (const auto& [scope, requirements] : *scopes.json().object()) {
    TS_TRY(Json require, requirements_of(requirements, draft));
    if (scope.empty()) {
      fallback = std::move(require);
      continue;
    }
    if (scope.starts_with("*.")) draft.note("\"" + scope + "\": hosts with one label more alone");
    draft.rule(scope, {pattern_of(scope)}, std::move(require));
  }
  return ok();
}

}  // namespace

Result<Json> from_containers(const Json& json, ForeignDraft& draft) {
  const auto policy = Fields::of(json);
  if (!policy) return foreign(policy.error());
  const Json* by_default = json.find("default");
  if (by_default == nullptr) return Error{Code::policy_foreign, "the policy has no default", ""};
  auto fallback = requirements_of(*by_default, draft);
  if (!fallback) return foreign(fallback.error());
  const auto transports = policy->optional_object("transports");
  if (!transports) return foreign(transports.error());
  if (!*transports) return fallback;
  for (const auto& [transport, scopes] : *(*transports)->json().object()) {
    if (transport != "docker") {
      draft.note("the transport \"" + transport + "\" is left out: its images fall to the default");
      continue;
    }
    const auto fields = Fields::of(scopes);
    if (!fields) return foreign(fields.error());
    if (const auto added = add_scopes(*fields, draft, *fallback); !added)
      return foreign(added.error());
  }
  return fallback;
}

}  // namespace touchstone::policy
