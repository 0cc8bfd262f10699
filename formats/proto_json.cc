#include "formats/proto_json.h"

#include <algorithm>
#include <charconv>
#include <limits>

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
                            std::initializer_list<std::string_view> names, Others others) {
  TS_TRY(Fields fields, Fields::of(value, std::move(path)));
  std::vector<std::string_view> seen;
  for (const auto& [key, ignored] : *value.object()) {
    const auto known = std::ranges::find_if(
        names, [&](std::string_view name) { return key == name || key == snake_case(name); });
    if (known == names.end()) {
      if (others == Others::passed_over) continue;
      return fields.error(key, "unknown member");
    }
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

Result<std::uint64_t> Message::unsigned_integer(std::string_view name) const {
  const Json* value = member(name);
  if (value == nullptr) return std::uint64_t{0};
  std::uint64_t number = 0;
  if (const std::string* text = value->string()) {
    const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), number);
    const bool whole = failed == std::errc() && end == text->data() + text->size();
    if (!whole || (text->size() > 1 && text->starts_with('0'))) {
      return error(name, text->starts_with('-') ? "is negative" : "is no decimal number");
    }
  } else {
    TS_TRY(number, fields_.unsigned_integer(spelling(name)));
  }
  if (number > std::numeric_limits<std::int64_t>::max()) return error(name, "is too large");
  return number;
}

Result<std::optional<Instant>> Message::timestamp(std::string_view name) const {
  if (!has(name)) return std::optional<Instant>();
  TS_TRY(const std::string text, string(name));
  const auto time = parse_rfc3339_instant(text);
  if (!time) return error(name, "is no time in RFC 3339's form, in UTC");
  return time;
}

Result<std::string> Message::enumeration(std::string_view name,
                                         std::initializer_list<Named> values) const {
  const Json* value = member(name);
  const std::uint64_t zero = 0;
  const std::uint64_t* number = value == nullptr ? &zero : value->unsigned_integer();
  const std::string* text = value == nullptr ? nullptr : value->string();
  const auto found = std::ranges::find_if(values, [&](const Named& named) {
    return (number != nullptr && *number == named.number) ||
           (text != nullptr && *text == named.name);
  });
  if (found == values.end()) {
    return error(name, text == nullptr ? "has an unknown value"
                                       : "has the unknown value \"" + printable(*text) + "\"");
  }
  return std::string(found->name);
}

Result<std::optional<Message>> Message::message(std::string_view name,
                                                std::initializer_list<std::string_view> names,
                                                Others others) const {
  const Json* value = member(name);
  if (value == nullptr) return std::optional<Message>();
  TS_TRY(Message message, of(*value, path_of(name), names, others));
  return std::optional<Message>(std::move(message));
}

Result<std::vector<Message>> Message::messages(std::string_view name, std::size_t most,
                                               std::initializer_list<std::string_view> names,
                                               Others others) const {
  TS_TRY(const Json::Array* items, array(name, most));
  std::vector<Message> messages;
  for (std::size_t i = 0; i < items->size(); ++i) {
    TS_TRY(Message message,
           of((*items)[i], path_of(name) + "[" + std::to_string(i) + "]", names, others));
    messages.push_back(std::move(message));
  }
  return messages;
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
