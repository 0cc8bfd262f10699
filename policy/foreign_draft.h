// What the translators of policy/foreign.h share: the policy that comes to be, and its text.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "formats/json.h"
#include "policy/foreign.h"

namespace touchstone::policy {

class JointRules;

class ForeignDraft {
 public:
  explicit ForeignDraft(TranslateOptions options) : options_(std::move(options)) {}

  const TranslateOptions& options() const { return options_; }

  // Notes go before the rule that is added next.
  void note(const std::string& what);
  // Those that wait for a rule: for one that is added later.
  std::vector<std::string> take_notes() { return std::exchange(pending_, {}); }
  void put_notes(const std::vector<std::string>& notes);

  // `deny`, with a note why.
  formats::Json deny(const std::string& why);

  // Roots; each gives its name. A root that holds the same is not made twice.
  std::string stored_root(const std::string& name);
  std::string key_root(const std::vector<std::string>& files);
  // A key that stands in the policy; absent when there is no folder for it.
  std::optional<std::string> inline_key(const std::string& pem);

  // A rule for these patterns, without those that ours does not have, which are noted; whether all
  // could be said. None is added when nothing is left.
  bool rule(const std::string& name, const std::vector<std::string>& patterns,
            formats::Json require, bool audit = false);

  // Ends with a rule for all others, if there is none.
  Translation finish(const formats::Json& fallback);

 private:
  std::string root(const std::string& wanted, formats::Json value);

  TranslateOptions options_;
  std::vector<std::string> pending_;
  formats::Json::Object roots_;
  std::vector<std::string> names_;
  std::string rules_;
  bool for_all_ = false;
  std::string last_;  // the rule for all others, which stands at the end
  Translation made_;
};

// {"key": value}
formats::Json single(std::string_view key, formats::Json value);

// The one part, or all of them under `key`.
formats::Json joined(std::string_view key, std::vector<formats::Json> parts);

// Errors, of all three: policy.foreign.
Status from_notation(const formats::Json& policy, ForeignDraft& draft);
Result<formats::Json> from_containers(const formats::Json& policy, ForeignDraft& draft);
Status from_cluster_image_policy(const formats::Json& policy, ForeignDraft& draft,
                                 JointRules& rules);

}  // namespace touchstone::policy
