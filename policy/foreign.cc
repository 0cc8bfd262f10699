#include "policy/foreign.h"

#include "base/limits.h"
#include "formats/yaml.h"
#include "policy/foreign_draft.h"
#include "policy/joint_rules.h"

namespace touchstone::policy {
namespace {

using formats::Json;

constexpr formats::YamlLimits text_limits{limits::max_policy_bytes, limits::max_policy_depth,
                                          limits::max_policy_values};

Error foreign(const Error& error) { return in_context(error, Code::policy_foreign, "the policy"); }

Result<Translation> translate_clusters(ByteView text, ForeignDraft& draft) {
  const auto documents = formats::parse_yaml(text, text_limits);
  if (!documents) return foreign(documents.error());
  if (documents->empty()) return Error{Code::policy_foreign, "no ClusterImagePolicy is there", ""};
  JointRules rules;
  for (const formats::Yaml& each : *documents) {
    TS_CHECK(from_cluster_image_policy(each.to_json(), draft, rules));
  }
  TS_CHECK(rules.write(draft));
  return draft.finish(Json("deny"));
}

}  // namespace

Result<Translation> translate(Foreign kind, ByteView text, const TranslateOptions& options) {
  ForeignDraft draft(options);
  if (kind == Foreign::cluster_image_policy) return translate_clusters(text, draft);
  const auto json = formats::parse_json(text, limits::max_policy_bytes);
  if (!json) return foreign(json.error());
  if (kind == Foreign::notation) {
    TS_CHECK(from_notation(*json, draft));
    return draft.finish(Json("deny"));
  }
  TS_TRY(const Json fallback, from_containers(*json, draft));
  return draft.finish(fallback);
}

}  // namespace touchstone::policy
