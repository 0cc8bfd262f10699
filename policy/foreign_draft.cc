#include "policy/foreign_draft.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/hash.h"
#include "policy/image_pattern.h"

namespace touchstone::policy {
namespace {

using formats::Json;

bool is_plain_key(std::string_view key) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !key.empty() && std::ranges::all_of(key, is_plain);
}

// In blocks, all texts in quotes. A list's items stand two columns right of its key.
std::string yaml_text(const Json& value, std::size_t indent) {
  const std::string begin(indent, ' ');
  std::string out;
  if (const auto* members = value.object()) {
    for (const auto& [key, member] : *members) {
      out += begin + (is_plain_key(key) ? key : formats::to_text(Json(key))) + ":";
      const bool block = member.object() != nullptr || member.array() != nullptr;
      out += block ? "\n" + yaml_text(member, indent + 2) : " " + formats::to_text(member) + "\n";
    }
  } else if (const auto* items = value.array()) {
    for (const Json& item : *items) {
      std::string text = yaml_text(item, indent + 2);
      text.replace(indent, 2, "- ");
      out += text;
    }
  } else {
    out = begin + formats::to_text(value) + "\n";
  }
  return out;
}

}  // namespace

Json single(std::string_view key, Json value) {
  Json made;
  made.set(key, std::move(value));
  return made;
}

Json joined(std::string_view key, std::vector<Json> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  return single(key, Json(std::move(parts)));
}

void ForeignDraft::note(const std::string& what) {
  pending_.push_back(printable(what));
  made_.notes.push_back(printable(what));
}

void ForeignDraft::put_notes(const std::vector<std::string>& notes) {
  pending_.insert(pending_.end(), notes.begin(), notes.end());
}

Json ForeignDraft::deny(const std::string& why) {
  note(why + ": denied");
  return Json("deny");
}

std::string ForeignDraft::root(const std::string& wanted, Json value) {
  for (const auto& [name, known] : roots_) {
    if (known == value) return name;
  }
  std::string name = wanted;
  for (int i = 2; std::ranges::find(roots_, name, &Json::Member::first) != roots_.end(); ++i) {
    name = wanted + "-" + std::to_string(i);
  }
  roots_.emplace_back(name, std::move(value));
  return name;
}

std::string ForeignDraft::stored_root(const std::string& name) {
  return root(name, single("store", Json(name)));
}

std::string ForeignDraft::key_root(const std::vector<std::string>& files) {
  Json::Array keys;
  for (const std::string& file : files) {
    Json key = single("id", Json("key-" + std::to_string(keys.size() + 1)));
    key.set("file", Json(file));
    keys.push_back(std::move(key));
  }
  return root("keys", single("keys", Json(std::move(keys))));
}

std::optional<std::string> ForeignDraft::inline_key(const std::string& pem) {
  if (options_.keys_folder.empty()) return std::nullopt;
  // Named by what it holds: the keys of another policy in that folder stay what they are.
  const Bytes contents = to_bytes(pem);
  constexpr std::size_t hash_digits = 16;
  const std::string hash = crypto::digest_of(contents).hex().substr(0, hash_digits);
  const std::string path = options_.keys_folder + "/key-" + hash + ".pem";
  made_.keys.emplace(path, contents);
  return path;
}

bool ForeignDraft::rule(const std::string& name, const std::vector<std::string>& patterns,
                        Json require, bool audit) {
  Json::Array images;
  bool for_all = false;
  bool all_said = true;
  for (const std::string& text : patterns) {
    const auto pattern = ImagePattern::parse(text);
    if (!pattern) {
      note("the pattern \"" + text + "\" cannot be said; the rule for all others decides there");
      all_said = false;
      continue;
    }
    for_all = for_all || pattern->matches_all();
    const Json normal(pattern->text());
    if (std::ranges::find(images, normal) == images.end()) images.push_back(normal);
  }
  std::string text;
  for (const std::string& line : pending_) text += "  # " + line + "\n";
  pending_.clear();
  if (images.empty()) {
    rules_ += text;
    return all_said;
  }
  std::string unique = name.empty() ? "unnamed" : name;
  while (std::ranges::find(names_, unique) != names_.end()) unique += " (again)";
  names_.push_back(unique);
  Json rule = single("name", Json(unique));
  rule.set("match", single("images", Json(std::move(images))));
  rule.set("require", std::move(require));
  if (audit) rule.set("mode", Json("audit"));
  text += yaml_text(Json(Json::Array{rule}), 2);
  (for_all ? last_ : rules_) += text;
  for_all_ = for_all_ || for_all;
  return all_said;
}

Translation ForeignDraft::finish(const Json& fallback) {
  if (!for_all_) rule("all others", {"**"}, fallback);
  made_.text = "version: 1\n";
  if (!roots_.empty()) made_.text += "roots:\n" + yaml_text(Json(roots_), 2);
  made_.text += "rules:\n" + rules_ + last_;
  return std::move(made_);
}

}  // namespace touchstone::policy
