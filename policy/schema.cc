#include "policy/schema.h"

#include <utility>

#include "base/text.h"
#include "policy/grammar.h"

namespace touchstone::policy {
namespace {

using formats::Json;

Json object(std::initializer_list<std::pair<std::string_view, Json>> members) {
  Json made;
  for (const auto& [name, value] : members) made.set(name, value);
  return made;
}

Json of_type(std::string_view type) { return object({{"type", Json(type)}}); }
Json text() { return object({{"type", Json("string")}, {"minLength", Json(std::uint64_t{1})}}); }
Json matching(std::string_view pattern) {
  return object({{"type", Json("string")}, {"pattern", Json(pattern)}});
}
Json reference(std::string_view name) {
  return object({{"$ref", Json("#/$defs/" + std::string(name))}});
}
Json list(Json items) {
  return object(
      {{"type", Json("array")}, {"minItems", Json(std::uint64_t{1})}, {"items", std::move(items)}});
}
Json map(Json values) {
  return object({{"type", Json("object")},
                 {"minProperties", Json(std::uint64_t{1})},
                 {"additionalProperties", std::move(values)}});
}
Json either(Json::Array alternatives) { return object({{"anyOf", Json(std::move(alternatives))}}); }
Json one_or_list(const Json& item) { return either({item, list(item)}); }

Json words(std::string_view of) {
  Json::Array listed;
  for (const std::string_view word : split(of, '|')) listed.emplace_back(word);
  return object({{"enum", Json(std::move(listed))}});
}

constexpr std::string_view age = "^[1-9][0-9]*[mhd]$";
constexpr std::string_view time = R"(^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$)";
constexpr std::string_view date_or_time = R"(^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,9})?Z)?$)";

Json value_schema(const Key& key) {
  switch (key.kind) {
    case Kind::text:
      return text();
    case Kind::integer:
      return object({{"type", Json("integer")}, {"minimum", Json(std::uint64_t{0})}});
    case Kind::boolean:
      return of_type("boolean");
    case Kind::age:
      return matching(age);
    case Kind::time:
      return matching(time);
    case Kind::date_or_time:
      return matching(date_or_time);
    case Kind::choice:
      return words(key.of);
    case Kind::choices:
      return list(words(key.of));
    case Kind::texts:
      return one_or_list(text());
    case Kind::integers:
      return list(of_type("integer"));
    case Kind::text_map:
      return map(text());
    case Kind::value_map:
      return map(Json(true));
    case Kind::match:
      return reference("name");
    case Kind::matches:
      return one_or_list(reference("name"));
    case Kind::match_map:
      return map(either({reference("name"), of_type("null")}));
    case Kind::object:
      return reference(key.of);
    case Kind::objects:
      return list(reference(key.of));
    case Kind::object_map:
      return map(reference(key.of));
    case Kind::requirement:
      return reference("requirement");
    case Kind::requirements:
      return list(reference("requirement"));
  }
  return Json(true);
}

Json described(const Key& key) {
  Json made = value_schema(key);
  made.set("description", Json(key.help));
  return made;
}

Json object_schema(const ObjectKind& kind) {
  Json properties = Json(Json::Object());
  Json::Array required;
  for (const Key& key : kind.keys) {
    properties.set(key.name, described(key));
    if (key.required) required.emplace_back(key.name);
  }
  Json made = object({{"type", Json("object")},
                      {"additionalProperties", Json(false)},
                      {"properties", properties}});
  if (!required.empty()) made.set("required", Json(std::move(required)));
  return made;
}

// A mapping with exactly one of the keys, or a word.
Json requirement_schema() {
  Json properties = Json(Json::Object());
  for (const Key& key : requirement_keys()) properties.set(key.name, described(key));
  return either({words("deny|allow"), object({{"type", Json("object")},
                                              {"minProperties", Json(std::uint64_t{1})},
                                              {"maxProperties", Json(std::uint64_t{1})},
                                              {"additionalProperties", Json(false)},
                                              {"properties", properties}})});
}

// A text letter for letter, a glob or a regular expression.
Json name_schema() {
  const auto form = [](std::string_view key) {
    return object({{"type", Json("object")},
                   {"additionalProperties", Json(false)},
                   {"required", Json(Json::Array{Json(key)})},
                   {"properties", object({{key, text()}})}});
  };
  return either({text(), form("glob"), form("regex")});
}

}  // namespace

Json schema() {
  Json definitions = object({{"name", name_schema()}, {"requirement", requirement_schema()}});
  for (const ObjectKind& kind : object_kinds()) {
    if (kind.name != "policy") definitions.set(kind.name, object_schema(kind));
  }
  Json made = object({{"$schema", Json("https://json-schema.org/draft/2020-12/schema")},
                      {"title", Json("touchstone policy, version 1")}});
  const Json whole = object_schema(object_kind("policy"));
  for (const auto& [name, value] : *whole.object()) made.set(name, value);
  made.set("$defs", std::move(definitions));
  return made;
}

}  // namespace touchstone::policy
