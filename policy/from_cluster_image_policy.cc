// ClusterImagePolicy, policy.sigstore.dev/v1alpha1 and v1beta1.
#include "formats/json_fields.h"
#include "policy/joint_rules.h"
#include "verify/text_match.h"

namespace touchstone::policy {
namespace {

using formats::Fields;
using formats::Json;

Error foreign(const Error& error) {
  return in_context(error, Code::policy_foreign, "the ClusterImagePolicy");
}

// A name, letter for letter or by a pattern, which there may match a part of the name; absent for
// none, and for one that matches every name.
Result<std::optional<Json>> name_of(const Fields& identity, const std::string& key) {
  TS_TRY(const std::string exact, identity.string_or(key, ""));
  if (!exact.empty() && !exact.contains('*')) return std::optional(Json(exact));
  TS_TRY(const std::string pattern, identity.string_or(key + "RegExp", ""));
  if (pattern.empty()) return std::optional<Json>();
  const auto match = verify::TextMatch::pattern(pattern);
  if (!match || match->looseness()) return std::optional<Json>();
  return std::optional(single("regex", Json(pattern)));
}

Result<Json> signer_of_identity(const Fields& identity, ForeignDraft& draft) {
  TS_TRY(auto subject, name_of(identity, "subject"));
  TS_TRY(auto issuer, name_of(identity, "issuer"));
  if (!subject || !issuer) {
    return draft.deny(
        "an identity lacks a subject or an issuer, or has a pattern that is too loose");
  }
  if (identity.has("subjectRegExp") || identity.has("issuerRegExp")) {
    draft.note("a pattern has to match the whole name here");
  }
  Json signer = single("root", Json(draft.stored_root("sigstore")));
  signer.set("subject", *std::move(subject));
  signer.set("issuer", *std::move(issuer));
  return signer;
}

// The signers of an authority, one of which is enough; a text where it cannot be said.
Result<std::vector<Json>> keyless_signers(const Fields& keyless, ForeignDraft& draft) {
  constexpr std::string_view public_good = "https://fulcio.sigstore.dev";
  TS_TRY(const std::string url, keyless.string_or("url", public_good));
  if (url != public_good || keyless.has("ca-cert") || keyless.has("trustRootRef")) {
    return std::vector{draft.deny("a sigstore instance of one's own: give its trusted_root.json")};
  }
  TS_TRY(const auto identities, keyless.objects_or_empty("identities", 256));
  if (identities.empty())
    return std::vector{draft.deny("keyless without identities takes anybody")};
  std::vector<Json> signers;
  for (const Fields& identity : identities) {
    TS_TRY(Json signer, signer_of_identity(identity, draft));
    signers.push_back(std::move(signer));
  }
  return signers;
}

Result<Json> key_signer(const Fields& key, bool logged, ForeignDraft& draft) {
  TS_TRY(const std::string data, key.string_or("data", ""));
  if (data.empty())
    return draft.deny("a key in a secret or a key service: write its public key to a file");
  const auto file = draft.inline_key(data);
  if (!file)
    return draft.deny("a key that stands in the policy: --keys DIR has it written to a file");
  Json signer;
  if (logged) {
    signer.set("root", Json(Json::Array{Json(draft.key_root({*file})),
                                        Json(draft.stored_root("sigstore"))}));
    signer.set("require_log", Json(true));
  } else {
    signer.set("root", Json(draft.key_root({*file})));
  }
  return signer;
}

// What an authority wants signed: the image, or one attestation of each type.
Result<Json> wanted_of(const Fields& authority, const Json& signer, ForeignDraft& draft) {
  TS_TRY(const auto attestations, authority.objects_or_empty("attestations", 64));
  if (attestations.empty()) return single("signatures", signer);
  std::vector<Json> parts;
  for (const Fields& attestation : attestations) {
    if (attestation.has("policy")) return draft.deny("an attestation with a policy in CUE or Rego");
    TS_TRY(const std::string type, attestation.string("predicateType"));
    Json predicate = single("type", Json(type));
    predicate.set("signer", signer);
    predicate.set("expression", Json("true"));
    parts.push_back(single("predicate", std::move(predicate)));
  }
  return joined("all_of", std::move(parts));
}

Result<std::vector<Json>> signers_of(const Fields& authority, ForeignDraft& draft) {
  TS_TRY(const auto keyless, authority.optional_object("keyless"));
  if (keyless) return keyless_signers(*keyless, draft);
  TS_TRY(const auto key, authority.optional_object("key"));
  if (!key) return std::vector{draft.deny("an authority with neither key nor keyless")};
  TS_TRY(Json signer, key_signer(*key, authority.has("ctlog"), draft));
  return std::vector{std::move(signer)};
}

Result<Json> requirement_of(const Fields& authority, ForeignDraft& draft) {
  TS_TRY(const auto fixed, authority.optional_object("static"));
  if (fixed) {
    TS_TRY(const std::string action, fixed->string("action"));
    return Json(action == "pass" ? "allow" : "deny");
  }
  if (authority.has("rfc3161timestamp"))
    return draft.deny("a timestamp authority: give a trusted_root.json");
  TS_TRY(const auto signers, signers_of(authority, draft));
  std::vector<Json> parts;
  for (const Json& signer : signers) {
    if (signer.string() != nullptr) {
      parts.push_back(signer);  // it cannot be said
      continue;
    }
    TS_TRY(Json part, wanted_of(authority, signer, draft));
    parts.push_back(std::move(part));
  }
  return joined("any_of", std::move(parts));
}

Result<std::vector<std::string>> patterns_of(const Fields& spec) {
  std::vector<std::string> patterns;
  TS_TRY(const auto images, spec.objects_or_empty("images", 1024));
  for (const Fields& image : images) {
    TS_TRY(std::string glob, image.string("glob"));
    patterns.push_back(std::move(glob));
  }
  return patterns;
}

Status add_policy(const Json& json, ForeignDraft& draft, JointRules& rules) {
  TS_TRY(const Fields policy, Fields::of(json));
  TS_TRY(const std::string kind, policy.string("kind"));
  if (kind != "ClusterImagePolicy") return policy.error("kind", "no ClusterImagePolicy");
  TS_TRY(const Fields metadata, policy.object("metadata"));
  TS_TRY(const std::string name, metadata.string("name"));
  TS_TRY(const Fields spec, policy.object("spec"));
  TS_TRY(const auto patterns, patterns_of(spec));
  TS_TRY(const std::string mode, spec.string_or("mode", "enforce"));
  TS_TRY(const auto authorities, spec.objects_or_empty("authorities", 64));
  std::vector<Json> parts;
  for (const Fields& authority : authorities) {
    TS_TRY(Json part, requirement_of(authority, draft));
    parts.push_back(std::move(part));
  }
  if (spec.has("match")) draft.note("`match` by resources cannot be said: the rule holds for all");
  Json require =
      parts.empty() ? draft.deny("no authority is named") : joined("any_of", std::move(parts));
  if (spec.has("policy")) require = draft.deny("a policy in CUE or Rego");
  rules.add({name, std::move(require), mode == "warn"}, patterns, draft);
  return ok();
}

}  // namespace

Status from_cluster_image_policy(const Json& json, ForeignDraft& draft, JointRules& rules) {
  if (const auto added = add_policy(json, draft, rules); !added) return foreign(added.error());
  return ok();
}

}  // namespace touchstone::policy
