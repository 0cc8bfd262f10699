#include "policy/fields.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/nearest.h"
#include "base/text.h"
#include "base/time.h"

namespace touchstone::policy {
namespace {

using formats::Yaml;
using formats::YamlMember;

std::vector<std::string> names_of(std::span<const Key> keys) {
  std::vector<std::string> names;
  for (const Key& key : keys) names.emplace_back(key.name);
  return names;
}

std::vector<std::string> words_of(const Key& key) {
  std::vector<std::string> words;
  for (const std::string_view word : split(key.of, '|')) words.emplace_back(word);
  return words;
}

Error wrong_kind(const Yaml& value, const std::string& source, const std::string& wanted) {
  if (value.is_null()) {
    return error_at(source, value.place(), Code::policy_empty,
                    "nothing stands here; expected " + wanted);
  }
  return error_at(source, value.place(), Code::policy_value,
                  "expected " + wanted + ", found " + value.describe());
}

Error empty_list(const Yaml& value, const std::string& source) {
  return error_at(source, value.place(), Code::policy_empty, "an empty list");
}

Result<std::size_t> word_index(const Yaml& value, const Key& key, const std::string& source) {
  const std::vector<std::string> words = words_of(key);
  const std::string* text = value.string();
  const auto found = text == nullptr ? words.end() : std::ranges::find(words, *text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  Error error = wrong_kind(value, source, "one of " + join(words, ", "));
  if (text != nullptr) error.hint = meant(*text, words);
  return error;
}

// A text with a star in it that is to be taken letter for letter was meant as a glob.
Status check_exact(const Yaml& value, const std::string& text, const std::string& source) {
  if (!text.contains('*')) return ok();
  return error_at(source, value.place(), Code::policy_value,
                  "a plain text is taken letter for letter, and this one holds `*`",
                  "write {glob: \"" + printable(text) + "\"}");
}

}  // namespace

Error error_at(const std::string& source, Place place, Code code, const std::string& why,
               const std::string& hint) {
  return Error{code, printable(source) + ":" + to_string(place) + ": " + why, hint};
}

std::string meant(std::string_view typed, const std::vector<std::string>& names) {
  const std::string near = nearest(typed, names);
  return near.empty() ? "" : "did you mean \"" + near + "\"?";
}

std::optional<std::chrono::seconds> parse_age(std::string_view text) {
  constexpr std::uint64_t most_days = 36'525;
  std::uint64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (failure != std::errc() || count == 0 || text.starts_with('0')) return std::nullopt;
  const std::uint64_t minutes = unit == "m" ? 1 : unit == "h" ? 60 : unit == "d" ? 1440 : 0;
  if (minutes == 0 || count > most_days * 1440 / minutes) return std::nullopt;
  return std::chrono::minutes(count * minutes);
}

Result<std::string> text_of(const Yaml& value, const std::string& source) {
  const std::string* text = value.string();
  if (text == nullptr) {
    Error error = wrong_kind(value, source, "a text");
    if (value.integer() != nullptr || value.boolean() != nullptr) error.hint = "put it in quotes";
    return error;
  }
  if (text->empty()) return error_at(source, value.place(), Code::policy_empty, "an empty text");
  return *text;
}

Result<verify::TextMatch> match_of(const Yaml& value, const std::string& source) {
  if (value.mapping() == nullptr) {
    TS_TRY(std::string text, text_of(value, source));
    TS_CHECK(check_exact(value, text, source));
    return verify::TextMatch::exact(std::move(text));
  }
  const YamlMember* only = value.mapping()->size() == 1 ? value.mapping()->data() : nullptr;
  if (only == nullptr || (only->key != "glob" && only->key != "regex")) {
    return wrong_kind(value, source, "a text, {glob: TEXT} or {regex: TEXT}");
  }
  TS_TRY(std::string text, text_of(only->value, source));
  auto made = only->key == "glob" ? verify::TextMatch::glob(text)
                                  : verify::TextMatch::pattern(std::move(text));
  if (!made) {
    return error_at(source, only->value.place(), made.error().code, made.error().message,
                    made.error().hint);
  }
  return made;
}

Result<Fields> Fields::of(const Yaml& value, std::string_view object, const std::string& source) {
  const ObjectKind& kind = object_kind(object);
  if (value.mapping() == nullptr) return wrong_kind(value, source, "a mapping");
  for (const YamlMember& member : *value.mapping()) {
    if (std::ranges::find(kind.keys, member.key, &Key::name) != kind.keys.end()) continue;
    const auto names = names_of(kind.keys);
    const std::string hint = meant(member.key, names);
    return error_at(source, member.place, Code::policy_unknown_key,
                    "unknown key \"" + printable(member.key) + "\"",
                    hint.empty() ? "here can stand: " + join(names, ", ") : hint);
  }
  for (const Key& key : kind.keys) {
    if (!key.required || value.find(key.name) != nullptr) continue;
    return error_at(source, value.place(), Code::policy_missing_key,
                    "the key \"" + std::string(key.name) + "\" is missing", std::string(key.help));
  }
  return Fields(value, kind, source);
}

const Yaml* Fields::find(std::string_view key) const {
  const YamlMember* member = value_->find(key);
  return member == nullptr ? nullptr : &member->value;
}

Error Fields::error(std::string_view key, Code code, const std::string& why,
                    const std::string& hint) const {
  const Yaml* value = find(key);
  return error_at(source(), value == nullptr ? place() : value->place(), code, why, hint);
}

const Key& Fields::key(std::string_view name) const {
  return *std::ranges::find(kind_->keys, name, &Key::name);
}

Result<std::optional<std::string>> Fields::optional_text(std::string_view key) const {
  if (!has(key)) return std::optional<std::string>();
  TS_TRY(std::string text, text_of(*find(key), source()));
  return std::optional(std::move(text));
}

Result<std::string> Fields::text(std::string_view key) const {
  return text_of(*find(key), source());
}

Result<std::optional<std::chrono::seconds>> Fields::age(std::string_view key) const {
  if (!has(key)) return std::optional<std::chrono::seconds>();
  const std::string* text = find(key)->string();
  const auto age = text == nullptr ? std::nullopt : parse_age(*text);
  if (!age) {
    return this->error(key, Code::policy_value, "expected an age, found " + find(key)->describe(),
                       "write 30m, 24h or 180d");
  }
  return age;
}

Result<std::optional<std::chrono::sys_seconds>> Fields::time(std::string_view key) const {
  if (!has(key)) return std::optional<std::chrono::sys_seconds>();
  const std::string* text = find(key)->string();
  auto time = text == nullptr ? std::nullopt : parse_rfc3339(*text);
  // A date means all of that day.
  if (text != nullptr && !time && this->key(key).kind == Kind::date_or_time) {
    time = parse_rfc3339(*text + "T00:00:00Z");
    if (time) *time += std::chrono::days(1);
  }
  if (!time) {
    return this->error(key, Code::policy_value, "expected a time, found " + find(key)->describe(),
                       "write 2026-12-31T23:59:59Z, in UTC");
  }
  return time;
}

Result<std::optional<verify::TextMatch>> Fields::match(std::string_view key) const {
  if (!has(key)) return std::optional<verify::TextMatch>();
  TS_TRY(verify::TextMatch made, match_of(*find(key), source()));
  return std::optional(std::move(made));
}

Result<std::optional<Fields>> Fields::object(std::string_view key) const {
  if (!has(key)) return std::optional<Fields>();
  TS_TRY(const Fields fields, Fields::of(*find(key), this->key(key).of, source()));
  return std::optional(fields);
}

Result<bool> Fields::boolean(std::string_view key, bool fallback) const {
  if (!has(key)) return fallback;
  if (const bool* value = find(key)->boolean()) return *value;
  return wrong_kind(*find(key), source(), "true or false");
}

Result<std::uint64_t> Fields::integer(std::string_view key, std::uint64_t least, std::uint64_t most,
                                      std::uint64_t fallback) const {
  if (!has(key)) return fallback;
  const std::int64_t* value = find(key)->integer();
  if (value == nullptr || std::cmp_less(*value, least) || std::cmp_greater(*value, most)) {
    return wrong_kind(*find(key), source(),
                      "an integer from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return static_cast<std::uint64_t>(*value);
}

Result<std::optional<std::size_t>> Fields::choice_index(std::string_view key) const {
  if (!has(key)) return std::optional<std::size_t>();
  TS_TRY(const std::size_t index, word_index(*find(key), this->key(key), source()));
  return std::optional(index);
}

Result<std::vector<const Yaml*>> Fields::items(std::string_view key) const {
  std::vector<const Yaml*> items;
  if (!has(key)) return items;
  const Yaml::Sequence* list = find(key)->sequence();
  if (list == nullptr) return wrong_kind(*find(key), source(), "a list");
  if (list->empty()) return empty_list(*find(key), source());
  std::set<std::string> seen;
  for (const Yaml& item : *list) {
    if (item.string() != nullptr && !seen.insert(*item.string()).second) {
      return error_at(source(), item.place(), Code::policy_duplicate,
                      item.describe() + " stands twice");
    }
    items.push_back(&item);
  }
  return items;
}

Result<std::vector<std::string>> Fields::texts(std::string_view key) const {
  std::vector<std::string> texts;
  if (has(key) && find(key)->sequence() == nullptr) {
    TS_TRY(texts.emplace_back(), text(key));
    return texts;
  }
  TS_TRY(const auto listed, items(key));
  for (const Yaml* item : listed) {
    TS_TRY(texts.emplace_back(), text_of(*item, source()));
  }
  return texts;
}

Result<std::vector<std::size_t>> Fields::choices(std::string_view key) const {
  std::vector<std::size_t> chosen;
  TS_TRY(const auto listed, items(key));
  for (const Yaml* item : listed) {
    TS_TRY(chosen.emplace_back(), word_index(*item, this->key(key), source()));
  }
  return chosen;
}

Result<std::vector<std::uint32_t>> Fields::integers(std::string_view key) const {
  std::vector<std::uint32_t> integers;
  TS_TRY(const auto listed, items(key));
  for (const Yaml* item : listed) {
    const std::int64_t* value = item->integer();
    if (value == nullptr || !std::in_range<std::uint32_t>(*value)) {
      return wrong_kind(*item, source(), "an integer from 0 to 4294967295");
    }
    const auto number = static_cast<std::uint32_t>(*value);
    if (std::ranges::find(integers, number) != integers.end()) {
      return error_at(source(), item->place(), Code::policy_duplicate,
                      item->describe() + " stands twice");
    }
    integers.push_back(number);
  }
  return integers;
}

Result<std::vector<verify::TextMatch>> Fields::matches(std::string_view key) const {
  std::vector<verify::TextMatch> matches;
  if (has(key) && find(key)->sequence() == nullptr) {
    TS_TRY(verify::TextMatch only, match_of(*find(key), source()));
    matches.push_back(std::move(only));
    return matches;
  }
  TS_TRY(const auto listed, items(key));
  for (const Yaml* item : listed) {
    TS_TRY(verify::TextMatch next, match_of(*item, source()));
    matches.push_back(std::move(next));
  }
  return matches;
}

Result<std::vector<ImagePattern>> Fields::images(std::string_view key) const {
  std::vector<ImagePattern> patterns;
  TS_TRY(const auto written, texts(key));
  for (std::size_t i = 0; i < written.size(); ++i) {
    const Yaml* value = find(key);
    const Place at =
        value->sequence() == nullptr ? value->place() : value->sequence()->at(i).place();
    auto pattern = ImagePattern::parse(written[i]);
    if (!pattern) {
      return error_at(source(), at, pattern.error().code, pattern.error().message,
                      pattern.error().hint);
    }
    if (std::ranges::find(patterns, pattern->text(), &ImagePattern::text) != patterns.end()) {
      return error_at(source(), at, Code::policy_duplicate,
                      "the pattern " + pattern->text() + " stands twice");
    }
    patterns.push_back(*std::move(pattern));
  }
  return patterns;
}

Result<std::vector<formats::Platform>> Fields::platforms(std::string_view key) const {
  std::vector<formats::Platform> platforms;
  TS_TRY(const auto written, texts(key));
  for (const std::string& text : written) {
    auto platform = formats::Platform::parse(text);
    if (!platform)
      return error(key, Code::policy_value, platform.error().message, platform.error().hint);
    platforms.push_back(*std::move(platform));
  }
  return platforms;
}

Result<std::vector<Fields>> Fields::objects(std::string_view key) const {
  std::vector<Fields> objects;
  TS_TRY(const auto listed, items(key));
  for (const Yaml* item : listed) {
    TS_TRY(const Fields next, Fields::of(*item, this->key(key).of, source()));
    objects.push_back(next);
  }
  return objects;
}

Result<std::vector<const YamlMember*>> Fields::members(std::string_view key) const {
  std::vector<const YamlMember*> members;
  if (!has(key)) return members;
  const Yaml::Mapping* mapping = find(key)->mapping();
  if (mapping == nullptr) return wrong_kind(*find(key), source(), "a mapping");
  if (mapping->empty()) return error(key, Code::policy_empty, "an empty mapping");
  for (const YamlMember& member : *mapping) members.push_back(&member);
  return members;
}

Result<std::map<std::string, std::string>> Fields::text_map(std::string_view key) const {
  std::map<std::string, std::string> texts;
  TS_TRY(const auto listed, members(key));
  for (const YamlMember* member : listed) {
    TS_TRY(texts[member->key], text_of(member->value, source()));
  }
  return texts;
}

}  // namespace touchstone::policy
