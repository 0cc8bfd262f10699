#include "hsm/pkcs11_uri.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <span>
#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"

namespace touchstone::hsm {
namespace {

constexpr std::string_view scheme = "pkcs11:";

// RFC 7512 section 2.3: pk11-res-avail, and what path and query add to it.
constexpr std::string_view available = ":[]@!$'()*+,=";
constexpr std::string_view available_in_path = "&";
constexpr std::string_view available_in_query = "/?|";

Error malformed(std::string why) {
  return Error{Code::usage_key_uri, "the key's URI " + std::move(why), ""};
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

Result<std::string> decode(std::string_view name, std::string_view text, std::string_view extra) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '%') {
      if (!is_unreserved(c) && !available.contains(c) && !extra.contains(c)) {
        return malformed("has a character in \"" + std::string(name) +
                         "\" that must be percent-encoded");
      }
      out += c;
      continue;
    }
    const auto high = i + 1 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
    if (!high || !low) {
      return malformed("has a '%' in \"" + std::string(name) + "\" without two hex digits");
    }
    out += static_cast<char>(*high << 4 | *low);
    i += 2;
  }
  if (name != "id" && out.contains('\0')) {
    return malformed("has a NUL in \"" + std::string(name) + "\"");
  }
  return out;
}

template <class Number>
std::optional<Number> decimal(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// RFC 7512 section 2.3: pk11-lib-ver = 1*DIGIT [ "." 1*DIGIT ]; the minor number is 0 by default.
std::optional<Pkcs11Uri::LibraryVersion> library_version(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto major_number = decimal<std::uint8_t>(text.substr(0, dot));
  const auto minor_number = dot == std::string_view::npos
                                ? std::optional<std::uint8_t>(0)
                                : decimal<std::uint8_t>(text.substr(dot + 1));
  if (!major_number || !minor_number) return std::nullopt;
  return Pkcs11Uri::LibraryVersion{*major_number, *minor_number};
}

struct TypeName {
  std::string_view name;
  Pkcs11Uri::Type type;
};
constexpr std::array<TypeName, 5> type_names = {{
    {"private", Pkcs11Uri::Type::private_key},
    {"public", Pkcs11Uri::Type::public_key},
    {"cert", Pkcs11Uri::Type::certificate},
    {"secret-key", Pkcs11Uri::Type::secret_key},
    {"data", Pkcs11Uri::Type::data},
}};

struct TextAttribute {
  std::string_view name;
  std::optional<std::string> Pkcs11Uri::* field;
};
constexpr std::array<TextAttribute, 9> text_attributes = {{
    {"token", &Pkcs11Uri::token},
    {"manufacturer", &Pkcs11Uri::manufacturer},
    {"serial", &Pkcs11Uri::serial},
    {"model", &Pkcs11Uri::model},
    {"slot-description", &Pkcs11Uri::slot_description},
    {"slot-manufacturer", &Pkcs11Uri::slot_manufacturer},
    {"library-manufacturer", &Pkcs11Uri::library_manufacturer},
    {"library-description", &Pkcs11Uri::library_description},
    {"object", &Pkcs11Uri::object},
}};

Status set_path_attribute(Pkcs11Uri& uri, std::string_view name, std::string value) {
  for (const TextAttribute& attribute : text_attributes) {
    if (attribute.name != name) continue;
    uri.*attribute.field = std::move(value);
    return ok();
  }
  if (name == "id") {
    uri.id = to_bytes(value);
    return ok();
  }
  if (name == "slot-id") {
    uri.slot_id = decimal<std::uint64_t>(value);
    if (!uri.slot_id) return malformed("has a \"slot-id\" that is not a decimal number");
    return ok();
  }
  if (name == "library-version") {
    uri.library_version = library_version(value);
    if (!uri.library_version) return malformed("has a \"library-version\" that is not N or N.N");
    return ok();
  }
  if (name == "type") {
    for (const TypeName& known : type_names) {
      if (known.name == value) uri.type = known.type;
    }
    if (!uri.type) return malformed("has an unknown \"type\"");
    return ok();
  }
  return malformed("has the unknown attribute \"" + printable(name) + "\"");
}

Status set_query_attribute(Pkcs11Uri& uri, std::string_view name, std::string value) {
  if (name == "module-name") {
    if (value.empty() || value.contains('/')) {
      return malformed("has a \"module-name\" that is not the name of a file");
    }
    uri.module_name = std::move(value);
    return ok();
  }
  if (name == "module-path") {
    if (!value.starts_with('/')) return malformed("has a \"module-path\" that is not absolute");
    uri.module_path = std::move(value);
    return ok();
  }
  if (name == "pin-source") {
    if (value.starts_with('|')) return malformed("has a \"pin-source\" that would run a command");
    if (value.empty()) return malformed("has an empty \"pin-source\"");
    uri.pin_source = std::move(value);
    return ok();
  }
  return malformed("has the unknown query attribute \"" + printable(name) + "\"");
}

struct Part {
  char separator;
  std::string_view extra;
  Status (*set)(Pkcs11Uri&, std::string_view, std::string);
};

Status parse_part(Pkcs11Uri& uri, std::string_view text, const Part& part) {
  std::set<std::string_view> seen;
  for (const std::string_view attribute : split(text, part.separator)) {
    const std::size_t equals = attribute.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return malformed("has an attribute that is not NAME=VALUE");
    }
    const std::string_view name = attribute.substr(0, equals);
    if (name == "pin-value") {
      return Error{Code::usage_pin_in_arguments, "the key's URI has a \"pin-value\"", ""};
    }
    if (!std::ranges::all_of(name, [](char c) { return is_unreserved(c); })) {
      return malformed("has an attribute whose name is malformed");
    }
    TS_TRY(auto value, decode(name, attribute.substr(equals + 1), part.extra));
    if (name.starts_with("x-")) continue;
    if (!seen.insert(name).second) {
      return malformed("has the attribute \"" + printable(name) + "\" twice");
    }
    TS_CHECK(part.set(uri, name, std::move(value)));
  }
  return ok();
}

std::string escape_all(ByteView bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const std::uint8_t b : bytes) {
    out += '%';
    out += digits[b >> 4];
    out += digits[b & 15];
  }
  return out;
}

// As percent_encode(), but a path stays readable: '/' is available in the query.
std::string escape_path(std::string_view path) {
  std::string out;
  for (const std::string_view element : split(path, '/')) {
    if (!out.empty() || element.data() != path.data()) out += '/';
    out += percent_encode(element);
  }
  return out;
}

}  // namespace

bool is_pkcs11_uri(std::string_view text) {
  return ascii_lower(text.substr(0, scheme.size())) == scheme;
}

Result<Pkcs11Uri> Pkcs11Uri::parse(std::string_view text) {
  if (!is_pkcs11_uri(text)) return malformed("does not begin with \"pkcs11:\"");
  if (text.size() > limits::max_key_uri_bytes) return malformed("is too long");
  text.remove_prefix(scheme.size());
  const std::size_t mark = text.find('?');
  const std::string_view path = text.substr(0, mark);

  Pkcs11Uri uri;
  if (!path.empty()) {
    TS_CHECK(parse_part(uri, path, {';', available_in_path, set_path_attribute}));
  }
  if (mark != std::string_view::npos) {
    TS_CHECK(
        parse_part(uri, text.substr(mark + 1), {'&', available_in_query, set_query_attribute}));
  }
  if (!uri.module_name.empty() && !uri.module_path.empty()) {
    return malformed("has both \"module-name\" and \"module-path\"");
  }
  return uri;
}

std::string Pkcs11Uri::to_string() const {
  std::vector<std::string> path;
  for (const TextAttribute& attribute : text_attributes) {
    const auto& value = this->*attribute.field;
    if (value) path.push_back(std::string(attribute.name) + "=" + percent_encode(*value));
  }
  if (slot_id) path.push_back("slot-id=" + std::to_string(*slot_id));
  if (library_version) {
    path.push_back("library-version=" + std::to_string(library_version->major_number) + "." +
                   std::to_string(library_version->minor_number));
  }
  if (id) path.push_back("id=" + escape_all(*id));
  for (const TypeName& known : type_names) {
    if (type == known.type) path.push_back("type=" + std::string(known.name));
  }
  std::vector<std::string> query;
  if (!module_name.empty()) query.push_back("module-name=" + percent_encode(module_name));
  if (!module_path.empty()) query.push_back("module-path=" + escape_path(module_path));
  if (!pin_source.empty()) query.push_back("pin-source=" + escape_path(pin_source));
  return std::string(scheme) + join(path, ";") + (query.empty() ? "" : "?" + join(query, "&"));
}

}  // namespace touchstone::hsm
