#include "formats/canonical_json.h"

#include <algorithm>
#include <vector>

#include "base/encoding.h"

namespace touchstone::formats {
namespace {

constexpr std::uint64_t max_integer = (std::uint64_t{1} << 53) - 1;

void write_string(std::string& out, std::string_view text) {
  constexpr std::string_view short_escapes = "btnvfr";  // from U+0008 on; \v is none of JSON's
  out += '"';
  for (const char c : text) {
    const auto u = static_cast<std::uint8_t>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (u >= 8 && u <= 13 && u != 11) {
      out += '\\';
      out += short_escapes[u - 8U];
    } else if (u < 0x20) {
      out += "\\u00" + to_hex(ByteView(&u, 1));
    } else {
      out += c;
    }
  }
  out += '"';
}

// UTF-8 sorts as UTF-16 does, but for what lies past U+FFFF: in UTF-16 it begins with a surrogate,
// which is below U+E000 to U+FFFF.
bool less_in_utf16(std::string_view a, std::string_view b) {
  const auto rank = [](char c) {
    const auto u = static_cast<std::uint8_t>(c);
    if (u >= 0xF0) return 0xEE * 2 - 1;  // before the bytes that begin U+E000 and above
    return u * 2;
  };
  return std::ranges::lexicographical_compare(a, b, {}, rank, rank);
}

Status write(std::string& out, const Json& value);

Status write_object(std::string& out, const Json::Object& object) {
  std::vector<const Json::Member*> sorted;
  for (const Json::Member& member : object) sorted.push_back(&member);
  std::ranges::sort(sorted, less_in_utf16,
                    [](const Json::Member* m) -> std::string_view { return m->first; });
  out += '{';
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (i > 0) out += ',';
    write_string(out, sorted[i]->first);
    out += ':';
    TS_CHECK(write(out, sorted[i]->second));
  }
  out += '}';
  return ok();
}

Status write_array(std::string& out, const Json::Array& array) {
  out += '[';
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (i > 0) out += ',';
    TS_CHECK(write(out, array[i]));
  }
  out += ']';
  return ok();
}

Status write(std::string& out, const Json& value) {
  if (const auto* object = value.object()) return write_object(out, *object);
  if (const auto* array = value.array()) return write_array(out, *array);
  const auto* positive = value.unsigned_integer();
  const auto* negative = value.negative();
  const bool large = (positive != nullptr && *positive > max_integer) ||
                     (negative != nullptr && *negative < -static_cast<std::int64_t>(max_integer));
  if (large || value.fraction() != nullptr) {
    return Error{Code::format_json, "a number without one spelling: " + to_text(value), ""};
  }
  if (const auto* text = value.string()) {
    write_string(out, *text);
  } else {
    out += to_text(value);
  }
  return ok();
}

}  // namespace

Result<std::string> canonical_json(const Json& value) {
  std::string out;
  TS_CHECK(write(out, value));
  return out;
}

}  // namespace touchstone::formats
