#include "formats/image_config.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/text.h"
#include "formats/json_fields.h"
#include "formats/predicate_time.h"

namespace touchstone::formats {
namespace {

constexpr std::array<std::string_view, 6> document_members = {"config", "history",      "created",
                                                              "os",     "architecture", "variant"};
constexpr std::array<std::string_view, 3> config_members = {"User", "Env", "Labels"};
constexpr std::array<std::string_view, 2> history_members = {"created_by", "comment"};

// A name as Go's encoding/json compares it: without case, and with the letter beyond ASCII that
// folds into one of theirs.
std::string folded(std::string_view name) {
  constexpr std::string_view long_s = "\u017F";
  std::string plain;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name.substr(i).starts_with(long_s)) {
      plain += 's';
      i += long_s.size() - 1;
    } else {
      plain += name[i];
    }
  }
  return ascii_lower(plain);
}

// Refuses what a runtime would take for one of `names`, and we would not.
Status check_spelling(const Fields& fields, std::span<const std::string_view> names) {
  for (const auto& [key, value] : *fields.json().object()) {
    if (std::ranges::find(names, key) != names.end()) continue;
    const std::string plain = folded(key);
    for (const std::string_view name : names) {
      if (plain == ascii_lower(name)) {
        return fields.error(key, "may be taken for \"" + std::string(name) + "\"");
      }
    }
  }
  return ok();
}

Result<std::vector<std::string>> strings(const Fields& fields, std::string_view name) {
  TS_TRY(const Json::Array* items, fields.array_or_empty(name));
  std::vector<std::string> texts;
  for (const Json& item : *items) {
    if (item.string() == nullptr) {
      return fields.error(name, "expected strings, found " + std::string(item.kind_name()));
    }
    texts.push_back(*item.string());
  }
  return texts;
}

Status read_run_options(const Fields& fields, ImageConfig& config) {
  TS_CHECK(check_spelling(fields, config_members));
  for (const char* const list : {"Labels", "Env"}) {
    const Json* const entries = fields.json().find(list);
    if (entries == nullptr) continue;
    const std::size_t count = entries->object() != nullptr  ? entries->object()->size()
                              : entries->array() != nullptr ? entries->array()->size()
                                                            : 0;
    if (count > limits::max_config_entries) {
      return Error{Code::limit_count,
                   std::string(list) + " has " + std::to_string(count) + " entries", ""};
    }
  }
  TS_TRY(config.user, fields.string_or("User", ""));
  TS_TRY(config.labels, fields.string_map_or_empty("Labels"));
  TS_TRY(config.env, strings(fields, "Env"));
  return ok();
}

Status read_history(const Fields& document, ImageConfig& config) {
  TS_TRY(const auto entries, document.objects_or_empty("history", limits::max_layers));
  for (const Fields& entry : entries) {
    TS_CHECK(check_spelling(entry, history_members));
    for (const std::string_view name : history_members) {
      TS_TRY(std::string text, entry.string_or(name, ""));
      if (!text.empty()) config.history.push_back(std::move(text));
    }
  }
  return ok();
}

Result<ImageConfig> read(const Json& json) {
  TS_TRY(const Fields document, Fields::of(json));
  TS_CHECK(check_spelling(document, document_members));
  ImageConfig config;
  TS_TRY(config.platform.os, document.string_or("os", ""));
  TS_TRY(config.platform.architecture, document.string_or("architecture", ""));
  TS_TRY(config.platform.variant, document.string_or("variant", ""));
  TS_TRY(config.created, optional_time(document, "created"));
  TS_TRY(const auto options, document.optional_object("config"));
  if (options) TS_CHECK(read_run_options(*options, config));
  TS_CHECK(read_history(document, config));
  return config;
}

}  // namespace

Result<ImageConfig> ImageConfig::parse(ByteView bytes) {
  constexpr std::string_view what = "image configuration";
  auto json = parse_json(bytes, limits::max_image_config_bytes);
  if (!json) return in_context(std::move(json).error(), Code::format_json, what);
  auto config = read(*json);
  if (!config) return in_context(std::move(config).error(), Code::format_json, what);
  return config;
}

}  // namespace touchstone::formats
