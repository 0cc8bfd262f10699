#include "formats/shown_json.h"

#include <array>
#include <string_view>

#include "base/encoding.h"
#include "base/text.h"

namespace touchstone::formats {
namespace {

void write_unit(std::string& out, unsigned unit) {  // of UTF-16
  const std::array<std::uint8_t, 2> bytes = {static_cast<std::uint8_t>(unit >> 8),
                                             static_cast<std::uint8_t>(unit)};
  out += "\\u" + to_hex(bytes);
}

// RFC 8259 section 7: past U+FFFF, by two.
void write_escaped(std::string& out, std::string_view character) {
  unsigned value = static_cast<unsigned char>(character[0]);
  if (character.size() > 1) value &= 0x7Fu >> character.size();
  for (const char c : character.substr(1)) {
    value = value << 6 | (static_cast<unsigned char>(c) & 0x3F);
  }
  if (value > 0xFFFF) {
    write_unit(out, 0xD800 + ((value - 0x10000) >> 10));
    value = 0xDC00 + ((value - 0x10000) & 0x3FF);
  }
  write_unit(out, value);
}

// The first character, by the length that its first byte gives; one byte of what is no UTF-8.
std::string_view first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  const std::string_view character = text.substr(0, length);
  return is_valid_utf8(character) ? character : text.substr(0, 1);
}

}  // namespace

std::string to_shown_text(const Json& value) {
  // Outside its strings JSON is ASCII that can be shown, so whatever cannot is inside one.
  const std::string text = to_text(value);
  std::string out;
  out.reserve(text.size());
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view character = first_character(rest);
    const bool escaped =
        begins_job_command(rest) || (is_valid_utf8(character) && !is_printable(character));
    rest.remove_prefix(character.size());
    if (escaped) {
      write_escaped(out, character);
    } else {
      out += character;
    }
  }
  return out;
}

}  // namespace touchstone::formats
