#include "policy/read.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "formats/canonical_json.h"
#include "policy/issue.h"
#include "policy/read_requirements.h"

namespace touchstone::policy {
namespace {

using formats::Yaml;

constexpr formats::YamlLimits text_limits{limits::max_policy_bytes, limits::max_policy_depth,
                                          limits::max_policy_values};

// What rules have that do not say otherwise.
struct Defaults {
  Mode mode = Mode::enforce;
  OnError on_error = OnError::deny;
  Tags tags = Tags::pin;
  Subject subject = Subject::index;
};

// A rule, and the name of the one that it inherits from.
struct Draft {
  Rule rule;
  std::optional<std::string> inherits;
  Fields fields;
};

// Rules and `defaults` have these in common.
Result<Defaults> read_defaults(const Fields& fields, const Defaults& fallback) {
  Defaults made;
  TS_TRY(made.mode, fields.choice("mode", fallback.mode));
  TS_TRY(made.on_error, fields.choice("on_error", fallback.on_error));
  TS_TRY(made.tags, fields.choice("tags", fallback.tags));
  TS_TRY(made.subject, fields.choice("subject", fallback.subject));
  return made;
}

Result<Draft> read_rule(const Fields& fields, const Defaults& defaults, const Reading& reading) {
  TS_TRY(const std::string name, fields.text("name"));
  TS_TRY(const auto match, fields.object("match"));
  TS_TRY(auto images, match->images("images"));
  TS_TRY(Requirement require, read_requirement(*fields.find("require"), reading));
  TS_TRY(const Defaults own, read_defaults(fields, defaults));
  Rule rule{name,         std::move(images), std::move(require), own.mode,
            own.on_error, own.tags,          own.subject};
  rule.place = fields.place();
  TS_TRY(rule.platforms, fields.platforms("platforms"));
  if (!rule.platforms.empty() && rule.subject == Subject::index) {
    return fields.error("platforms", Code::policy_value, "`subject: index` looks at no platform",
                        "add `subject: platform`, `either` or `both`");
  }
  TS_TRY(rule.freshness, read_freshness(fields));
  TS_TRY(rule.exceptions, read_exceptions(fields, reading));
  TS_TRY(const bool consent, fields.boolean("i_accept_fail_open"));
  if (rule.on_error == OnError::allow && rule.mode == Mode::enforce && !consent) {
    return fields.error("on_error", Code::policy_fail_open,
                        "images would pass when nobody could look at them");
  }
  TS_TRY(auto inherits, fields.optional_text("inherit"));
  return Draft{std::move(rule), std::move(inherits), fields};
}

Status check_new_name(const std::vector<Draft>& drafts, const Draft& draft) {
  for (const Draft& other : drafts) {
    if (other.rule.name != draft.rule.name) continue;
    return draft.fields.error("name", Code::policy_duplicate,
                              "the rule \"" + printable(draft.rule.name) +
                                  "\" stands twice; first in line " +
                                  std::to_string(other.rule.place.line));
  }
  return ok();
}

Result<std::vector<Draft>> read_rules(const Fields& policy, const Reading& reading) {
  Defaults defaults;
  TS_TRY(const auto given, policy.object("defaults"));
  if (given) {
    TS_TRY(defaults, read_defaults(*given, {}));
  }
  TS_TRY(const auto listed, policy.objects("rules"));
  if (listed.size() > limits::max_policy_rules) {
    return policy.error("rules", Code::limit_count,
                        "more than " + std::to_string(limits::max_policy_rules) + " rules");
  }
  std::vector<Draft> drafts;
  for (const Fields& fields : listed) {
    TS_TRY(Draft draft, read_rule(fields, defaults, reading));
    TS_CHECK(check_new_name(drafts, draft));
    drafts.push_back(std::move(draft));
  }
  return drafts;
}

// The requirement of a rule and of all that it inherits from.
Result<Requirement> whole_requirement(const Draft& draft, const std::vector<Draft>& drafts) {
  AllOf all{{draft.rule.require}};
  const Draft* next = &draft;
  while (next->inherits) {
    const auto named = [&](const Draft& other) { return other.rule.name == *next->inherits; };
    const auto found = std::ranges::find_if(drafts, named);
    if (found == drafts.end()) {
      std::vector<std::string> names;
      for (const Draft& other : drafts) names.push_back(other.rule.name);
      return next->fields.error("inherit", Code::policy_reference,
                                "no rule \"" + printable(*next->inherits) + "\"",
                                meant(*next->inherits, names));
    }
    if (all.parts.size() > drafts.size()) {
      return next->fields.error("inherit", Code::policy_value,
                                "rules inherit from one another in a circle");
    }
    next = &*found;
    all.parts.push_back(next->rule.require);
  }
  if (all.parts.size() == 1) return draft.rule.require;
  return Requirement{std::move(all), draft.rule.require.place};
}

Status check_final_rule(const std::vector<Draft>& drafts, const Fields& policy) {
  const auto for_all = [](const Draft& draft) {
    return std::ranges::any_of(draft.rule.images, &ImagePattern::matches_all);
  };
  if (for_all(drafts.back())) return ok();
  const auto early = std::ranges::find_if(drafts, for_all);
  if (early != drafts.end()) {
    return early->fields.error("match", Code::policy_final_rule,
                               "the rule for all other images is not the last",
                               "put \"" + printable(early->rule.name) + "\" at the end");
  }
  return policy.error("rules", Code::policy_final_rule, "no rule matches all other images");
}

struct PatternOf {
  const ImagePattern* pattern;
  const Draft* draft;
};

Error tie(const PatternOf& one, const PatternOf& other) {
  const bool in_order = one.draft->rule.place < other.draft->rule.place;
  const PatternOf& first = in_order ? one : other;
  const PatternOf& second = in_order ? other : one;
  return second.draft->fields.error("match", Code::policy_ambiguous,
                                    "\"" + second.pattern->text() + "\" is as specific as \"" +
                                        first.pattern->text() + "\" of the rule \"" +
                                        printable(first.draft->rule.name) + "\"");
}

// Equally specific patterns stand beside each other once sorted.
Status check_ties(const std::vector<Draft>& drafts) {
  std::vector<PatternOf> sorted;
  for (const Draft& draft : drafts) {
    for (const ImagePattern& pattern : draft.rule.images) sorted.push_back({&pattern, &draft});
  }
  if (sorted.size() > limits::max_policy_patterns) {
    return drafts.front().fields.error(
        "match", Code::limit_count,
        "more than " + std::to_string(limits::max_policy_patterns) + " patterns");
  }
  const auto compare = [](const PatternOf& a, const PatternOf& b) {
    return a.pattern->compare_specificity(*b.pattern);
  };
  std::ranges::sort(sorted, [&](const auto& a, const auto& b) { return compare(a, b) < 0; });
  std::size_t equals = 0;  // where those as specific as sorted[i] begin
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (compare(sorted[i - 1], sorted[i]) != 0) equals = i;
    for (std::size_t j = equals; j < i; ++j) {
      const bool same_rule = sorted[i].draft == sorted[j].draft;
      if (!same_rule && sorted[i].pattern->ties_with(*sorted[j].pattern)) {
        return tie(sorted[i], sorted[j]);
      }
    }
  }
  return ok();
}

Status finish(const std::vector<Draft>& drafts, const Fields& policy, Document& document) {
  TS_CHECK(check_final_rule(drafts, policy));
  TS_CHECK(check_ties(drafts));
  for (const Draft& draft : drafts) {
    document.rules.push_back(draft.rule);
    TS_TRY(document.rules.back().require, whole_requirement(draft, drafts));
  }
  return ok();
}

}  // namespace

Result<Yaml> parse_text(ByteView text, const std::string& source) {
  auto tree = formats::parse_restricted_yaml(text, text_limits);
  if (tree) return tree;
  const bool limit = exit_status(tree.error().code) == 3;
  return Error{limit ? tree.error().code : Code::policy_syntax,
               printable(source) + ":" + tree.error().message, tree.error().hint};
}

Result<Document> read(ByteView text, std::string source, const Materials& materials,
                      std::chrono::sys_seconds now) {
  TS_TRY(const Yaml tree, parse_text(text, source));
  TS_TRY(const Fields policy, Fields::of(tree, "policy", source));
  TS_CHECK(policy.integer("version", 1, 1, 1));
  Document document;
  TS_TRY(const auto name, policy.optional_text("name"));
  document.name = name.value_or("");
  TS_TRY(document.serial, policy.integer("serial", 0, max_serial, 0));
  TS_TRY(document.expires, policy.time("expires"));
  Reading reading{source, materials, now};
  TS_CHECK(read_roots(policy, reading));
  TS_CHECK(read_builders(policy, reading));
  TS_TRY(const auto drafts, read_rules(policy, reading));
  TS_CHECK(finish(drafts, policy, document));
  TS_TRY(const std::string canonical, formats::canonical_json(tree.to_json()));
  document.digest = crypto::digest_of(as_bytes(canonical));
  document.material = material_digest(reading);
  document.source = std::move(source);
  return document;
}

}  // namespace touchstone::policy
