// containers-policy.json(5).
#include <algorithm>

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
  if (!draft.options().any_repository) {
    return draft.deny(
        "the repository that a signature names (signedIdentity) cannot be compared; "
        "--any-repository lets it be any");
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

// What theirs asks of images that no scope of ours names: of registries, and of image layouts.
struct Fallback {
  Json registries;
  Json layouts;
};

// The scope "" is for all images of the transport; `fallback` is what is asked of them.
Result<const Json*> requirements_for_all(const Fields& scopes, const Json& by_default,
                                         ForeignDraft& draft, Json& fallback) {
  const Json* for_all = scopes.json().find("");
  if (for_all == nullptr) return &by_default;
  TS_TRY(fallback, requirements_of(*for_all, draft));
  return for_all;
}

Status add_scopes(const Fields& scopes, const Json& by_default, ForeignDraft& draft,
                  Json& fallback) {
  TS_TRY(const Json* for_all, requirements_for_all(scopes, by_default, draft, fallback));
  bool left_out = false;
  for (const auto& [scope, requirements] : *scopes.json().object()) {
    if (scope.empty()) continue;
    TS_TRY(Json require, requirements_of(requirements, draft));
    const bool one_label = scope.starts_with("*.");
    if (one_label) draft.note("\"" + scope + "\": hosts with one label more alone");
    const bool said = draft.rule(scope, {pattern_of(scope)}, std::move(require)) && !one_label;
    left_out = left_out || (!said && requirements != *for_all);
  }
  if (left_out && fallback != Json("deny")) {
    fallback = draft.deny("images of a scope that cannot be said would be all others");
  }
  return ok();
}

// Image layouts have no names here.
Status add_layouts(const Fields& scopes, const Json& by_default, ForeignDraft& draft,
                   Json& fallback) {
  TS_TRY(const Json* for_all, requirements_for_all(scopes, by_default, draft, fallback));
  const auto differs = [&](const Json::Member& scope) { return scope.second != *for_all; };
  if (std::ranges::any_of(*scopes.json().object(), differs)) {
    fallback = draft.deny("scopes of image layouts cannot be said");
  }
  return ok();
}

Status add_transports(const Fields& transports, const Json& by_default, ForeignDraft& draft,
                      Fallback& fallback) {
  for (const auto& [transport, value] : *transports.json().object()) {
    TS_TRY(const Fields scopes, Fields::of(value));
    if (transport == "docker") {
      TS_CHECK(add_scopes(scopes, by_default, draft, fallback.registries));
    } else if (transport == "oci") {
      TS_CHECK(add_layouts(scopes, by_default, draft, fallback.layouts));
    } else {
      draft.note("the transport \"" + transport + "\" is left out: its images are not judged here");
    }
  }
  return ok();
}

Result<Json> translated(const Json& json, ForeignDraft& draft) {
  TS_TRY(const Fields policy, Fields::of(json));
  const Json* by_default = json.find("default");
  if (by_default == nullptr) return Error{Code::policy_foreign, "the policy has no default", ""};
  TS_TRY(const Json otherwise, requirements_of(*by_default, draft));
  Fallback fallback{otherwise, otherwise};
  TS_TRY(const auto transports, policy.optional_object("transports"));
  if (transports) TS_CHECK(add_transports(*transports, *by_default, draft, fallback));
  if (fallback.layouts != fallback.registries) {
    draft.rule("image layouts", {"oci-layout:**"}, fallback.layouts);
  }
  return fallback.registries;
}

}  // namespace

Result<Json> from_containers(const Json& json, ForeignDraft& draft) {
  auto fallback = translated(json, draft);
  if (!fallback) return foreign(fallback.error());
  return fallback;
}

}  // namespace touchstone::policy
