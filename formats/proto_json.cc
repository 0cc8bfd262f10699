#include "formats/proto_json.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"

namespace touchstone::formats {
namespace {

std::string snake_case(std::string_view camel) {
  std::string out;
  for (const char c : camel) {
    if (c >= 'A' && c <= 'Z') {
      out += '_';
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

Result<Message> Message::of(const Json& value, std::string path,
                            std::initializer_list<std::string_view> names) {
  TS_TRY(Fields fields, Fields::of(value, std::move(path)));
  std::vector<std::string_view> seen;
  for (const auto& [key, ignored] : *value.object()) {
    const auto known = std::ranges::find_if(
        names, [&](std::string_view name) { return key == name || key == snake_case(name); });
    if (known == names.end()) return fields.error(key, "unknown member");
    if (std::ranges::find(seen, *known) != seen.end()) {
      return fields.error(key, "stands there in two spellings");
    }
    seen.push_back(*known);
  }
  return Message(std::move(fields));
}

std::string Message::spelling(std::string_view name) const {
  const std::string snake = snake_case(name);
  return fields_.has(snake) ? snake : std::string(name);
}

bool Message::has(std::string_view name) const { return fields_.has(spelling(name)); }

Result<std::string> Message::string(std::string_view name) const {
  return fields_.string_or(spelling(name), "");
}

Result<Bytes> Message::bytes(std::string_view name) const {
  TS_TRY(const std::string text, string(name));
  auto decoded = from_base64(text, Base64::either);
  if (!decoded) return error(name, "malformed base64");
  return *std::move(decoded);
}

const Json* Message::member(std::string_view name) const {
  return has(name) ? fields_.json().find(spelling(name)) : nullptr;
}

Result<const Json::Array*> Message::array(std::string_view name, std::size_t most) const {
  TS_TRY(const Json::Array* items, fields_.array_or_empty(spelling(name)));
  if (items->size() > most) {
    return Error{Code::limit_count,
                 path_of(name) + ": " + std::to_string(items->size()) + " entries; at most " +
                     std::to_string(most) + " are read",
                 ""};
  }
  return items;
}

std::string Message::path_of(std::string_view name) const {
  return (fields_.path().empty() ? "" : fields_.path() + ".") + printable(name);
}

Error Message::error(std::string_view name, std::string_view why) const {
  return fields_.error(name, why);
}

}  // namespace touchstone::formats
