#include "formats/json_fields.h"

#include <algorithm>

#include "base/text.h"

namespace touchstone::formats {
namespace {

const Json::Array& empty_array() {
  static const Json::Array none;
  return none;
}

}  // namespace

Result<Fields> Fields::of(const Json& value, std::string path) {
  if (value.object() == nullptr) {
    const std::string where = path.empty() ? "the document" : path;
    return Error{Code::format_json,
                 where + ": expected an object, found " + std::string(value.kind_name()), ""};
  }
  return Fields(value, std::move(path));
}

const Json* Fields::present(std::string_view name) const {
  const Json* member = value_->find(name);
  return member == nullptr || member->is_null() ? nullptr : member;
}

std::string Fields::path_of(std::string_view name) const {
  return (path_.empty() ? "" : path_ + ".") + printable(name);
}

Error Fields::error(std::string_view name, std::string_view why) const {
  return Error{Code::format_json, path_of(name) + ": " + std::string(why), ""};
}

Result<std::string> Fields::string(std::string_view name) const {
  const Json* member = present(name);
  if (member == nullptr) return error(name, "missing");
  if (member->string() == nullptr) {
    return error(name, "expected a string, found " + std::string(member->kind_name()));
  }
  return *member->string();
}

Result<std::string> Fields::string_or(std::string_view name, std::string_view fallback) const {
  if (!has(name)) return std::string(fallback);
  return string(name);
}

Result<std::uint64_t> Fields::unsigned_integer(std::string_view name) const {
  const Json* member = present(name);
  if (member == nullptr) return error(name, "missing");
  if (member->unsigned_integer() == nullptr) {
    return error(name, member->negative() != nullptr
                           ? std::string("is negative")
                           : "expected an integer, found " + std::string(member->kind_name()));
  }
  return *member->unsigned_integer();
}

Result<Fields> Fields::object(std::string_view name) const {
  const Json* member = present(name);
  if (member == nullptr) return error(name, "missing");
  return of(*member, path_of(name));
}

Result<std::optional<Fields>> Fields::optional_object(std::string_view name) const {
  if (!has(name)) return std::optional<Fields>();
  TS_TRY(Fields fields, object(name));
  return std::optional<Fields>(std::move(fields));
}

Result<const Json::Array*> Fields::array(std::string_view name) const {
  const Json* member = present(name);
  if (member == nullptr) return error(name, "missing");
  if (member->array() == nullptr) {
    return error(name, "expected an array, found " + std::string(member->kind_name()));
  }
  return member->array();
}

Result<const Json::Array*> Fields::array_or_empty(std::string_view name) const {
  if (!has(name)) return &empty_array();
  return array(name);
}

Result<std::map<std::string, std::string>> Fields::string_map_or_empty(
    std::string_view name) const {
  std::map<std::string, std::string> map;
  TS_TRY(const auto fields, optional_object(name));
  if (!fields) return map;
  for (const auto& [key, value] : *fields->value_->object()) {
    if (value.string() == nullptr) {
      return fields->error(key, "expected a string, found " + std::string(value.kind_name()));
    }
    map.emplace(key, *value.string());
  }
  return map;
}

Result<std::vector<Fields>> Fields::objects_or_empty(std::string_view name,
                                                     std::size_t most) const {
  TS_TRY(const Json::Array* items, array_or_empty(name));
  if (items->size() > most) {
    return Error{Code::limit_count,
                 path_of(name) + ": " + std::to_string(items->size()) + " entries; at most " +
                     std::to_string(most) + " are read",
                 ""};
  }
  std::vector<Fields> objects;
  objects.reserve(items->size());
  for (std::size_t i = 0; i < items->size(); ++i) {
    TS_TRY(Fields fields, of((*items)[i], path_of(name) + "[" + std::to_string(i) + "]"));
    objects.push_back(std::move(fields));
  }
  return objects;
}

Status Fields::only(std::initializer_list<std::string_view> names) const {
  for (const auto& [key, value] : *value_->object()) {
    if (std::ranges::find(names, key) == names.end()) return error(key, "unknown member");
  }
  return ok();
}

}  // namespace touchstone::formats
